export {
  acceleratedClock,
  type Cancel,
  type Clock,
  type ManualClock,
  manualClock,
  realClock,
} from './clock.ts';
export type * from './emulator-types.ts';
export type * from './faults.ts';
export * from './load/load-model.ts';
export * from './pre-copy.ts';
export type * from './sfc/flow-rules.ts';
export type * from './spec.ts';
