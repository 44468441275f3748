import { cpuSharePercent, type Host, type Server, type ServerId, seedOf } from '@sidestep/fleet';
import type { Victim } from './decision.ts';
import { type MoveRules, type Obstacle, obstaclesOf } from './movability.ts';
import type { OperationKind } from './operation.ts';
import { assumedSharePercent } from './traffic.ts';

/** A server that may leave the host. */
export type VictimCandidate = {
  server: Server;
  /** Percent of the host's CPU; null when unknown. */
  sharePercent: number | null;
  /** Percent of the host's CPU to reckon with: its share, or all of its vCPUs when that is unknown. */
  assumedSharePercent: number;
};

/** Why a server of the host is not to be moved now; null when nothing is against it. */
function objection(
  server: Server,
  resting: ReadonlyMap<ServerId, string>,
  rules: MoveRules,
  how: OperationKind,
): Pick<Victim, 'obstacle' | 'why'> | null {
  // What keeps a server from leaving alive does not keep it from being made anew: the cloud's own checks do.
  const obstacles = how === 'evacuate' ? [] : obstaclesOf(server, rules);
  const [first] = obstacles;
  if (first !== undefined) return { obstacle: first.name, why: inWords(obstacles) };
  const why = resting.get(server.id);
  return why === undefined ? null : { why };
}

const inWords = (obstacles: readonly Obstacle[]) =>
  obstacles.map(({ detail }) => detail).join('; ');

/** What keeps servers where they are, and what breaks ties. */
export type Leave = {
  /** Servers that rest, each with why. */
  resting: ReadonlyMap<ServerId, string>;
  rules: MoveRules;
  seed: number;
  /** Default: alive. */
  how?: OperationKind;
};

/**
 * The servers of a host, the one first whose leaving relieves it most; ties fall by the seed. One of unknown load comes
 * after those of known load and is reckoned with all of its vCPUs: unknown is not zero.
 */
export function orderVictims(
  host: Host,
  servers: readonly Server[],
  { resting, rules, seed, how = 'live-migration' }: Leave,
): { candidates: VictimCandidate[]; excluded: Victim[] } {
  const candidates: VictimCandidate[] = [];
  const excluded: Victim[] = [];
  for (const server of servers) {
    if (server.hostId !== host.id) continue;
    const share = cpuSharePercent(server, host);
    const sharePercent = share === 'unknown' ? null : share;
    const against = objection(server, resting, rules, how);
    if (against !== null) {
      excluded.push({
        serverId: server.id,
        name: server.name,
        cpuSharePercent: sharePercent,
        chosen: false,
        ...against,
      });
      continue;
    }
    const assumed = assumedSharePercent(server, host);
    candidates.push({ server, sharePercent, assumedSharePercent: assumed });
  }
  const rank = (victim: VictimCandidate) => (victim.sharePercent === null ? 1 : 0);
  const lot = (victim: VictimCandidate) => seedOf(`${seed}:${victim.server.id}`);
  candidates.sort(
    (a, b) => rank(a) - rank(b) || b.assumedSharePercent - a.assumedSharePercent || lot(a) - lot(b),
  );
  return { candidates, excluded };
}
