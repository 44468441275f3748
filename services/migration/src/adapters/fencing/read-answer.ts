import { z } from 'zod';
import type { FencingAnswer } from '../../ports/fencing.ts';

const answer = z.object({ fenced: z.boolean(), detail: z.string().max(2_000).optional() });

/** Longest answer that is read, bytes. */
export const maxAnswerBytes = 65_536;

/** A hook's answer: JSON with `fenced`, and perhaps a `detail`. Anything else is no confirmation. */
export function readAnswer(text: string): FencingAnswer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'unsure', detail: 'its answer is no JSON' };
  }
  const read = answer.safeParse(value);
  if (!read.success) return { kind: 'unsure', detail: 'its answer does not say whether it fenced' };
  const { fenced, detail } = read.data;
  return fenced
    ? { kind: 'fenced', detail: detail ?? 'the hook says that it is fenced' }
    : { kind: 'refused', detail: detail ?? 'the hook says that it is not fenced' };
}
