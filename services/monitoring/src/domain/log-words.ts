/** Stands in a template where messages differ, or may hold something that is nobody's business. */
export const ANY = '<*>';

/** Words of a message that are looked at; the rest is one `<*>`. */
const MAX_WORDS = 32;
/** Characters of a message that are looked at. */
const MAX_CHARACTERS = 2048;

/** Words whose next word is a secret or a person. */
const GUARDED =
  /^(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|key|api-?key|access-?key|bearer|basic|digest|authorization|auth|credentials?|cookie|pin|otp|signature|user(?:name)?|login|account|for|by)$/i;
const FILLER = /^(?:is|was|to|of|for|by|from|user|invalid|set|the|new|old|=|:|->)$/i;
/** A plain word in small letters, or a short one in any; with the punctuation that stands at words. */
const PLAIN =
  /^["'([{<]*(?:[A-Z]?[a-z]+(?:['-][a-z]+)*|[A-Za-z]{1,6}|[A-Z]{1,12})["')\]}>]*[.,:;!?]*$/;
const MAX_PLAIN_LENGTH = 24;
const MARK = /^[-=:|.,;*+/<>()[\]{}!?&#%]{1,4}$/;
const PAIR = /^([A-Za-z][A-Za-z_-]{0,22})=/;
/** A word in small letters without a vowel, or with a run of six consonants, is no word of a language. */
const isPronounceable = (word: string): boolean =>
  word.length <= 4 || (/[aeiouy]/i.test(word) && !/[bcdfghjklmnpqrstvwxz]{6}/i.test(word));

/**
 * The words of a message with everything that is not plainly a word of the program's own sentence replaced by `<*>`: numbers,
 * names, addresses, paths, quoted texts, values of `name=value`, what follows "password" or "user", and all that looks random.
 * What is not known to be harmless is left out, not the other way round.
 */
export function wordsOf(text: string): string[] {
  const parts = text
    .slice(0, MAX_CHARACTERS)
    .split(/\s+/, MAX_WORDS + 1)
    .filter(Boolean);
  const words: string[] = [];
  let guarded = false;
  for (const part of parts.slice(0, MAX_WORDS)) {
    words.push(guarded && !FILLER.test(part) ? ANY : wordOf(part));
    const bare = part.replaceAll(/[^A-Za-z-]/g, '');
    // "password is hunter": a word in between does not lift the guard.
    guarded = GUARDED.test(bare) || (guarded && FILLER.test(part));
  }
  if (parts.length > MAX_WORDS || text.length > MAX_CHARACTERS) words.push(ANY);
  return words;
}

function wordOf(part: string): string {
  const [, name] = PAIR.exec(part) ?? [];
  if (name !== undefined) return isPronounceable(name) ? `${name}=${ANY}` : ANY;
  if (MARK.test(part)) return part;
  if (part.length > MAX_PLAIN_LENGTH || !PLAIN.test(part)) return ANY;
  return isPronounceable(part) ? part : ANY;
}
