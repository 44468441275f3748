import { createHash } from 'node:crypto';
import type { Decision } from './decision.ts';

/** One link: what was recorded of a decision, chained to the link before it. */
export type DecisionEvent = {
  /** From 1, without gaps. */
  sequence: number;
  kind: 'made' | 'outcome';
  decisionId: string;
  atMs: number;
  /** SHA-256 of what was decided and by what; it never changes afterwards. */
  recordDigest: string;
  /** SHA-256 of what has become of it so far. */
  outcomeDigest: string;
  /** Hash of the link before. */
  previous: string;
  /** SHA-256 of `previous` and the canonical JSON of all else. */
  hash: string;
};

/** The newest link. */
export type ChainHead = { sequence: number; hash: string; atMs: number };

/** Before the first link. */
export const genesis: ChainHead = { sequence: 0, hash: '0'.repeat(64), atMs: 0 };

/** JSON with its keys in order and nothing between: equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((each) => canonicalJson(each)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const parts = Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => `${JSON.stringify(key)}:${canonicalJson(part)}`);
    return `{${parts.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The digest of what was decided and by what: everything but what may change afterwards. */
export function recordDigest(decision: Decision): string {
  const {
    state: _state,
    updatedAtMs: _updatedAtMs,
    looks: _looks,
    operationId: _operationId,
    measured: _measured,
    history,
    ...record
  } = decision;
  return sha256(canonicalJson({ ...record, first: history[0] ?? null }));
}

/** The digest of what has become of the decision. */
export function outcomeDigest({ state, operationId, measured, history }: Decision): string {
  return sha256(canonicalJson({ state, operationId, measured, history }));
}

/** The next link. */
export function linked(
  head: ChainHead,
  event: Pick<DecisionEvent, 'kind' | 'decisionId' | 'atMs' | 'recordDigest' | 'outcomeDigest'>,
): DecisionEvent {
  const body = { ...event, sequence: head.sequence + 1, previous: head.hash };
  return { ...body, hash: hashOf(body) };
}

/** What is wrong with a link that should follow another; null where nothing is. */
export function linkFault(before: Pick<ChainHead, 'sequence' | 'hash'>, event: DecisionEvent) {
  if (event.sequence !== before.sequence + 1) {
    return `event ${before.sequence + 1} is missing`;
  }
  if (event.previous !== before.hash) return 'it does not follow the event before it';
  const { hash, ...body } = event;
  return hash === hashOf(body) ? null : 'the event was changed';
}

function hashOf({ previous, ...rest }: Omit<DecisionEvent, 'hash'>): string {
  return sha256(`${previous}${canonicalJson(rest)}`);
}
