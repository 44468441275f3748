import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const owner = fileURLToPath(new URL('./fixtures/thread-owner.ts', import.meta.url));

/** How a process ends one of whose threads dies: its exit code and its last words. */
const endOf = (how: 'throws' | 'exits' | 'refuses') =>
  new Promise<{ code: unknown; said: string }>((resolve) => {
    execFile(process.execPath, [owner, how], { timeout: 20_000 }, (error, _stdout, said) =>
      resolve({ code: error?.code ?? 0, said }),
    );
  });

test.each([
  ['throws', 'the store’s memory is broken'],
  ['exits', 'A thread of this process ended by itself (code 0)'],
] as const)('a process whose thread %s in a call ends at once, and says why', async (how, why) => {
  const { code, said } = await endOf(how);

  expect(code).toBe(1);
  expect(said).toContain(why);
});

test('one whose thread could not begin is not ended by that: whoever waits for it is told', async () => {
  expect(await endOf('refuses')).toEqual({ code: 7, said: 'it cannot begin\n' });
});
