import {
  type CloudSpec,
  createLoadModel,
  type LoadSnapshot,
  type LoadView,
  serverIdOf,
} from '@sidestep/emulator';

/** How a destination is chosen; the emulator's own stand-ins for the policies of the main paper. */
export type Choice = 'no-migration' | 'random' | 'least-cpu' | 'foresight';

const STEP_MS = 5000;
const HOLD_STEPS = 2;
const MOVE_STEPS = 3;
const GAP_SHARE = 0.3;

interface Move {
  readonly server: string;
  readonly to: string;
  readonly doneAtStep: number;
}

/** A small generator of its own: the choices must not follow the model's streams. */
function dice(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 0x1_0000_0000;
  };
}

/** Runs a policy on a cloud's load model for a while; the answer is the mean over time and chains. */
export function runPolicy(
  spec: CloudSpec,
  choice: Choice,
  options: { fromMs: number; forMs: number; seed: number },
): { requestsPerSecond: number; responseTimeMs: number; moves: number } {
  const model = createLoadModel({ seed: spec.seed, hosts: spec.hosts, stress: spec.stress });
  const hostOf = new Map<string, string>();
  for (const server of spec.servers) {
    const id = serverIdOf(spec, server.name);
    model.setServer({ id, vcpus: 1, ramMiB: 1024, load: server });
    hostOf.set(id, server.host);
  }
  model.setChains(
    spec.chains.map((chain) => ({
      id: chain.name,
      traffic: chain.traffic,
      hops: chain.hops.map(({ servers }) =>
        servers.map((name) => ({ serverId: serverIdOf(spec, name), share: 1 / servers.length })),
      ),
    })),
  );
  const chainOf = new Map(
    spec.chains.flatMap((chain) =>
      chain.hops.flatMap(({ servers }) =>
        servers.map((name) => [serverIdOf(spec, name), chain.name] as const),
      ),
    ),
  );
  const roll = dice(options.seed);
  const moving = new Map<string, Move>();
  const hotSteps = new Map<string, number>();
  const gaps = new Set<string>();
  const view: LoadView = {
    hostOf: (id) => hostOf.get(id) ?? 'nowhere',
    isUp: () => true,
    migrationCores: (host) =>
      [...moving.values()].some(({ server, to }) => to === host || hostOf.get(server) === host)
        ? 0.4
        : 0,
    path: (chainId) => ({
      lostShare: 0,
      downShare: gaps.has(chainId) ? GAP_SHARE : 0,
      bypassFrom: 4,
    }),
  };
  const peak = (host: string, fromMs: number): number => {
    let most = 0;
    for (let ahead = 0; ahead <= 120_000; ahead += 10_000) {
      const found = model.at(fromMs + ahead, STEP_MS, view).hosts.find((row) => row.host === host);
      most = Math.max(most, found?.demandCores ?? 0);
    }
    return most;
  };
  const choose = (load: LoadSnapshot, hot: string): string | undefined => {
    const others = load.hosts.filter(({ host }) => host !== hot);
    if (choice === 'random') return others[Math.floor(roll() * others.length)]?.host;
    const cost = (host: (typeof others)[number]): number =>
      choice === 'least-cpu' ? host.cpuPercent : peak(host.host, load.timeMs);
    return others
      .map((host) => ({ host: host.host, cost: cost(host) }))
      .sort((a, b) => a.cost - b.cost)[0]?.host;
  };
  let served = 0;
  let responseMs = 0;
  let steps = 0;
  let moves = 0;
  const lastStep = Math.round(options.forMs / STEP_MS);
  for (let step = 0; step < lastStep; step += 1) {
    gaps.clear();
    for (const move of moving.values()) {
      if (move.doneAtStep > step) continue;
      hostOf.set(move.server, move.to);
      gaps.add(chainOf.get(move.server) ?? '');
      moving.delete(move.server);
    }
    const load = model.at(options.fromMs + step * STEP_MS, STEP_MS, view);
    steps += 1;
    for (const chain of load.chains) {
      served += chain.requestsPerSecond;
      responseMs += chain.responseTimeMs === 'unknown' ? 0 : chain.responseTimeMs;
    }
    if (choice === 'no-migration') continue;
    for (const { cpuPercent, host } of load.hosts) {
      const hotFor = cpuPercent >= 90 ? (hotSteps.get(host) ?? 0) + 1 : 0;
      hotSteps.set(host, hotFor);
      const busy = [...moving.keys()].some((id) => hostOf.get(id) === host);
      if (hotFor < HOLD_STEPS || busy) continue;
      const [heaviest] = load.servers
        .filter((server) => server.host === host)
        .sort((a, b) => b.cpuPercent - a.cpuPercent);
      const to = choose(load, host);
      if (heaviest === undefined || to === undefined) continue;
      moves += 1;
      moving.set(heaviest.id, { server: heaviest.id, to, doneAtStep: step + MOVE_STEPS });
    }
  }
  return {
    requestsPerSecond: served / steps / spec.chains.length,
    responseTimeMs: responseMs / steps / spec.chains.length,
    moves,
  };
}
