export {
  acceleratedClock,
  type Cancel,
  type Clock,
  type ManualClock,
  manualClock,
  realClock,
} from './clock.ts';
export { chainIdOf, projectIdOf, serverIdOf } from './cloud/seed-world.ts';
export { demoCloud, demoSeasonMs } from './clouds/demo-cloud.ts';
export { type FleetSize, fleetCloud } from './clouds/fleet-cloud.ts';
export { quietTimings, startEmulator } from './emulator.ts';
export type * from './emulator-types.ts';
export type * from './faults.ts';
export { historySamples, samplesOf } from './history.ts';
export * from './load/load-model.ts';
export * from './pre-copy.ts';
export type * from './sfc/flow-rules.ts';
export type * from './spec.ts';
export { chainProbeHost } from './telemetry.ts';
