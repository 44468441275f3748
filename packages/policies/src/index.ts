export { type DestinationSieve, freeDiskGiB, possibleDestinations } from './constraints.ts';
export {
  breaksPromise,
  type MoveCost,
  type MoveFacts,
  type MoveScore,
  type MoveWeights,
  moveWeights,
  scoreMove,
  type TouchedChain,
} from './move-score.ts';
export { parametersOf } from './parameters.ts';
export type {
  DestinationPlan,
  DestinationQuestion,
  ParamSchema,
  Policy,
  Ranked,
  Rejection,
  StayReason,
} from './policy.ts';
export { policies, policyNamed } from './registry.ts';
export * from './replacement/index.ts';
