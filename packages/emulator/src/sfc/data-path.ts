import { activeBinding, isServing, type World } from '../cloud/world.ts';
import type { ChainGap } from '../emulator-types.ts';
import type { SfcAgents } from './agents.ts';
import type { DataPath, FlowRule, NextHop, PathHop, PathMember } from './flow-rules.ts';
import type { ChainRow, SfcState } from './sfc-state.ts';

/** Something wrong at a hop, as the gap log keeps it. */
export type Trouble = Pick<ChainGap, 'kind' | 'hop' | 'share' | 'reason'>;

/** A path and what is wrong with it. */
export interface FollowedPath {
  readonly path: DataPath;
  /** False while some host where traffic enters has no rule for it. */
  readonly entered: boolean;
  readonly troubles: readonly Trouble[];
}

/** A rule that traffic reaches, and how much of it. */
interface Branch {
  readonly host: string;
  /** `none`: the host was told nothing, and forwards as if there were no chain. */
  readonly rule: FlowRule | 'none';
  readonly share: number;
}

function whyLost(world: World, hop: NextHop): Trouble['reason'] | 'arrives' {
  const port = world.ports.get(hop.ingress);
  const binding = port === undefined ? undefined : activeBinding(port);
  if (port === undefined || binding === undefined) return 'unplugged';
  const server = world.servers.get(port.deviceId);
  if (server === undefined) return 'unplugged';
  if (world.hosts.get(server.runsOn)?.tunnelIp !== hop.localEndpoint) return 'member-elsewhere';
  if (server.paused) return 'downtime';
  return isServing(world, server) ? 'arrives' : 'member-dead';
}

function member(
  world: World,
  hop: NextHop,
  share: number,
): { seen: PathMember; reason: Trouble['reason'] | 'arrives' } {
  const port = world.ports.get(hop.ingress);
  const server = world.servers.get(port?.deviceId ?? '');
  const reason = whyLost(world, hop);
  const seen = {
    portPairId: hop.portPairId,
    serverId: server?.id ?? ('none' as const),
    sentTo: world.hostsByTunnel.get(hop.localEndpoint)?.name ?? hop.localEndpoint,
    isOn: (port === undefined ? undefined : activeBinding(port)?.host) ?? 'nowhere',
    share,
    arrives: reason === 'arrives',
  };
  return { seen, reason };
}

/** Where the traffic of the chain's classifiers enters. */
function entries(world: World, state: SfcState, agents: SfcAgents, chain: ChainRow): Branch[] {
  const ports = chain.classifiers.flatMap((id) => {
    const port = world.ports.get(state.classifiers.get(id)?.logicalSourcePort ?? '');
    return port === undefined ? [] : [port];
  });
  return ports.map((port) => {
    const host = activeBinding(port)?.host ?? 'nowhere';
    const rule = agents.ofPort(host, chain.id, port.id);
    return { host, rule: rule ?? 'none', share: 1 / ports.length };
  });
}

/** Follows a chain's traffic through what the hosts were told, hop by hop. */
export function followPath(
  world: World,
  state: SfcState,
  agents: SfcAgents,
  chain: ChainRow,
): FollowedPath {
  const troubles: Trouble[] = [];
  const hops: PathHop[] = [];
  let lostShare = 0;
  let bypassFrom: number | 'none' = 'none';
  let branches = entries(world, state, agents, chain);
  const entered = branches.every(({ rule }) => rule !== 'none');
  for (let hop = 0; hop < chain.groups.length && branches.length > 0; hop += 1) {
    const onward = new Map<string, Branch>();
    const members: PathMember[] = [];
    for (const branch of branches) {
      const nextHops = branch.rule === 'none' ? [] : branch.rule.nextHops;
      if (nextHops.length === 0) {
        troubles.push({ kind: 'bypass', hop, share: branch.share, reason: 'empty-hop' });
        if (bypassFrom === 'none') bypassFrom = hop;
        continue;
      }
      const weight = nextHops.reduce((sum, next) => sum + next.weight, 0);
      for (const next of nextHops) {
        const share = (branch.share * next.weight) / weight;
        const { reason, seen } = member(world, next, share);
        members.push(seen);
        if (reason !== 'arrives') {
          troubles.push({ kind: 'loss', hop, share, reason });
          lostShare += share;
          continue;
        }
        const known = onward.get(next.ingress);
        const rule = agents.ofPort(seen.isOn, chain.id, next.ingress);
        onward.set(next.ingress, {
          host: seen.isOn,
          rule: rule ?? 'none',
          share: share + (known?.share ?? 0),
        });
      }
    }
    const sentFrom = [...new Set(branches.map(({ host }) => host))].join(',');
    hops.push({ hop, sentFrom, members });
    branches = [...onward.values()];
  }
  const path: DataPath = {
    chainId: chain.id,
    name: chain.name,
    state: bypassFrom !== 'none' ? 'bypass' : lostShare > 0 ? 'loss' : 'whole',
    lostShare: Math.min(1, lostShare),
    bypassFrom,
    hops,
  };
  return { path, entered, troubles };
}
