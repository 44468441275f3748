import type { FencingAnswer, FencingHook } from '../../ports/fencing.ts';
import { maxAnswerBytes, readAnswer } from './read-answer.ts';

/** An address of the operator that fences: POST with the host and the incident; 2xx and JSON that says `fenced` confirm. */
export function webhook(options: {
  url: string;
  token: string | undefined;
  timeoutMs: number;
}): FencingHook {
  return {
    fence: async (request): Promise<FencingAnswer> => {
      try {
        const response = await fetch(options.url, {
          method: 'POST',
          // A token must not follow to another place.
          redirect: 'error',
          headers: {
            'content-type': 'application/json',
            ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
          },
          body: JSON.stringify(request),
          signal: AbortSignal.timeout(options.timeoutMs),
        });
        const text = await limited(response);
        if (!response.ok) return { kind: 'unsure', detail: `it answered ${response.status}` };
        return readAnswer(text);
      } catch (error) {
        const late = error instanceof Error && error.name === 'TimeoutError';
        const detail = late
          ? `no answer within ${options.timeoutMs} ms`
          : 'it could not be reached';
        return { kind: 'unsure', detail };
      }
    },
  };
}

async function limited(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxAnswerBytes) throw new RangeError('the answer is too long');
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
