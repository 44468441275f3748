export {
  type Capacity,
  type Chain,
  type ChainId,
  cpuSharePercent,
  type DataQuality,
  type FleetView,
  freezeView,
  type Host,
  type HostId,
  type PairRisk,
  type Server,
  type ServerGroup,
  type ServerId,
} from './fleet-view.ts';
export { type CanonicalMetric, canonicalMetrics } from './metrics.ts';
export { type Random, seededRandom, seedOf } from './random.ts';
export { isKnown, type Known } from './units.ts';
