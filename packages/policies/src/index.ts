export { type DestinationSieve, possibleDestinations } from './constraints.ts';
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
