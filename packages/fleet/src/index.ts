export { chainDelayMs } from './chain-delay.ts';
export {
  type Capacity,
  type Chain,
  type ChainId,
  type ChainPromise,
  cpuSharePercent,
  type DataQuality,
  type FleetView,
  freezeView,
  frozen,
  type Host,
  type HostClass,
  type HostId,
  type Link,
  type PairRisk,
  type Server,
  type ServerFacts,
  type ServerGroup,
  type ServerId,
  type UnderWay,
  usualCriticality,
} from './fleet-view.ts';
export {
  chainsOf,
  groupsOf,
  hostClassOf,
  hostOf,
  pairRiskOf,
  serverOf,
  serversOn,
  underWayOf,
  underWayTo,
  withChanged,
} from './look-up.ts';
export { type CanonicalMetric, canonicalMetrics } from './metrics.ts';
export { type Random, seededRandom, seedOf } from './random.ts';
export { type Topology, topologyOf } from './topology.ts';
export { isKnown, type Known } from './units.ts';
