export { exactReplacement } from './exact-replacement.ts';
export { type ReplacementSize, randomReplacement } from './random-replacement.ts';
export { replacementOptions } from './replacement-options.ts';
