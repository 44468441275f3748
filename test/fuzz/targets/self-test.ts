import type { FuzzTarget } from '../fuzz-target.ts';

/** The input at which each of these goes wrong. */
export const WRONG_AT = 23;

const target = (name: string, onWrong: () => void): FuzzTarget => ({
  name,
  seeds: [Buffer.from('0')],
  dictionary: [],
  generate: (dice) => Buffer.from(String(dice.below(1_000_000))),
  run: (() => {
    let inputs = 0;
    return () => {
      if (inputs === WRONG_AT) onWrong();
      inputs += 1;
      return 'accepted' as const;
    };
  })(),
});

const held: Uint8Array[] = [];

/** Parsers that do what no parser may: they show that the fuzzer notices. */
export const selfTests: Readonly<Record<string, () => FuzzTarget>> = {
  'self-test hang': () =>
    target('self-test hang', () => {
      for (;;);
    }),
  'self-test crash': () => target('self-test crash', () => process.abort()),
  'self-test leak': () =>
    target('self-test leak', () => {
      for (let mebibytes = 0; mebibytes < 700; mebibytes += 1) {
        held.push(new Uint8Array(1024 ** 2).fill(1));
      }
    }),
  'self-test throw': () =>
    target('self-test throw', () => {
      throw new TypeError('not the parser’s own');
    }),
};
