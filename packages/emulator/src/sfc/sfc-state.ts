/** A port pair as networking-sfc's database has it. */
export interface PortPairRow {
  readonly id: string;
  name: string;
  description: string;
  readonly ingress: string;
  readonly egress: string;
  readonly correlation: string | null;
  readonly weight: number;
}

/** A port pair group. */
export interface GroupRow {
  readonly id: string;
  name: string;
  description: string;
  portPairs: readonly string[];
  readonly tapEnabled: boolean;
  /** Number of the group, from 1. */
  readonly number: number;
}

/** A flow classifier. */
export interface ClassifierRow {
  readonly id: string;
  name: string;
  description: string;
  readonly ethertype: string;
  readonly protocol: string | null;
  readonly sourcePortMin: number | null;
  readonly sourcePortMax: number | null;
  readonly destinationPortMin: number | null;
  readonly destinationPortMax: number | null;
  readonly sourceIpPrefix: string | null;
  readonly destinationIpPrefix: string | null;
  readonly logicalSourcePort: string | null;
  readonly logicalDestinationPort: string | null;
}

/** A port chain. */
export interface ChainRow {
  readonly id: string;
  name: string;
  description: string;
  groups: readonly string[];
  classifiers: readonly string[];
  readonly correlation: string | null;
  readonly symmetric: boolean;
  /** Number of the chain, from 1: the service path id of its rules. */
  readonly number: number;
}

/** networking-sfc's tables. */
export interface SfcState {
  readonly pairs: Map<string, PortPairRow>;
  readonly groups: Map<string, GroupRow>;
  readonly classifiers: Map<string, ClassifierRow>;
  readonly chains: Map<string, ChainRow>;
  /** Group of each pair that is in one. */
  readonly groupOfPair: Map<string, string>;
  /** Chains that use a group. */
  readonly chainsOfGroup: Map<string, Set<string>>;
  /** Pairs that use a port. */
  readonly pairsOfPort: Map<string, Set<string>>;
}

/** Empty tables. */
export function createSfcState(): SfcState {
  return {
    pairs: new Map(),
    groups: new Map(),
    classifiers: new Map(),
    chains: new Map(),
    groupOfPair: new Map(),
    chainsOfGroup: new Map(),
    pairsOfPort: new Map(),
  };
}

/** Adds to a set in a map of sets. */
export function addTo<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}
