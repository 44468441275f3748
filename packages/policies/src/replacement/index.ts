export type {
  ApartGroup,
  ChainDelay,
  DelayBetween,
  ReplacementHost,
  ReplacementMove,
  ReplacementOptions,
  ReplacementProblem,
  ReplacementProposal,
  ReplacementScore,
  ReplacementServer,
  ReplacementWeights,
  Unimproved,
} from './problem.ts';
export { type Replacement, replaceAll, replacementCode, startReplacement } from './replacement.ts';
