import { ANY, wordsOf } from './log-words.ts';

/** A form that messages of one program have: its words, `<*>` where they differ. */
export interface LogTemplate {
  readonly id: number;
  readonly app: string;
  words: readonly string[];
  count: number;
  /** The most severe of its messages: 0 emergency … 7 debug. */
  severity: number;
  readonly firstMs: number;
  lastMs: number;
}

/** Share of equal words from which a message is of a template (Drain's similarity threshold). */
const SIMILAR = 0.5;
/** Templates of one leaf that are compared; a leaf of more is of messages without a form. */
const MAX_LEAF = 24;

/**
 * Sorts one host's messages into templates by a tree of fixed depth (He et al., Drain, 2017): program, number of words, first
 * word; then by the share of equal words. Keeps a bounded number of templates, the longest unused go first.
 */
export class LogTemplates {
  readonly #maxTemplates: number;
  /** In the order of their last use. */
  readonly #byId = new Map<number, { template: LogTemplate; leaf: string }>();
  readonly #leaves = new Map<string, LogTemplate[]>();
  #nextId = 1;

  constructor(maxTemplates: number) {
    this.#maxTemplates = maxTemplates;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Every template, the longest unused first. */
  templates(): LogTemplate[] {
    return Array.from(this.#byId.values(), ({ template }) => template);
  }

  /** Takes a message; whether it is of a form that is not known. */
  add(app: string, severity: number, text: string, nowMs: number): 'known' | 'new' {
    const words = wordsOf(text);
    const name = wordsOf(app)[0] ?? '';
    const leaf = `${name}\0${words.length}\0${words[0] ?? ''}`;
    const siblings = this.#leaves.get(leaf) ?? [];
    const known = mostSimilar(siblings, words);
    if (known !== undefined) {
      known.words = merged(known.words, words);
      known.count += 1;
      known.severity = Math.min(known.severity, severity);
      known.lastMs = nowMs;
      this.#byId.delete(known.id);
      this.#byId.set(known.id, { template: known, leaf });
      return 'known';
    }
    const id = this.#nextId;
    this.#nextId += 1;
    const made = { id, app: name, words, count: 1, severity, firstMs: nowMs, lastMs: nowMs };
    this.#leaves.set(leaf, [...siblings, made]);
    this.#byId.set(id, { template: made, leaf });
    if (this.#byId.size > this.#maxTemplates) this.dropOldest();
    return 'new';
  }

  /** Forgets the template that was not used for longest. */
  dropOldest(): void {
    const [oldest] = this.#byId;
    if (oldest === undefined) return;
    const [id, { template, leaf }] = oldest;
    this.#byId.delete(id);
    const left = (this.#leaves.get(leaf) ?? []).filter((each) => each !== template);
    if (left.length === 0) this.#leaves.delete(leaf);
    else this.#leaves.set(leaf, left);
  }
}

function mostSimilar(
  templates: readonly LogTemplate[],
  words: readonly string[],
): LogTemplate | undefined {
  let best: LogTemplate | undefined;
  let bestShare = templates.length < MAX_LEAF ? SIMILAR : 0;
  for (const template of templates) {
    const share = similarity(template.words, words);
    if (share >= bestShare) [best, bestShare] = [template, share];
  }
  return best;
}

/** Share of the words that are equal; of no words, all. */
function similarity(template: readonly string[], words: readonly string[]): number {
  if (words.length === 0) return 1;
  let equal = 0;
  for (const [at, word] of words.entries()) if (template[at] === word) equal += 1;
  return equal / words.length;
}

function merged(template: readonly string[], words: readonly string[]): readonly string[] {
  if (template.every((word, at) => word === words[at])) return template;
  return template.map((word, at) => (word === words[at] ? word : ANY));
}
