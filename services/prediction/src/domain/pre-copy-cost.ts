/** What decides how long an iterative pre-copy takes. */
export type PreCopyConditions = {
  memoryMiB: number;
  dirtyMiBPerSecond: number;
  /** The most that can be dirty at the end of a round: the writable working set. */
  workingSetMiB: number;
  bandwidthMiBPerSecond: number;
};

/** What a live migration takes. */
export type PreCopyCost = {
  totalMs: number;
  downtimeMs: number;
  trafficMiB: number;
  /** Whether the rounds end by themselves; else the guest is stopped for a whole working set at the last. */
  converges: boolean;
};

/** QEMU's default of the stop that it allows itself. */
const downtimeLimitMs = 300;
const maxRounds = 30;

/**
 * Iterative pre-copy (Clark et al., "Live Migration of Virtual Machines", NSDI 2005): each round sends what the one
 * before left dirty, until the rest fits into the downtime limit and the guest is stopped for it.
 */
export const preCopyCost = (conditions: PreCopyConditions): PreCopyCost => {
  const { memoryMiB, dirtyMiBPerSecond, workingSetMiB, bandwidthMiBPerSecond } = conditions;
  const allowedMiB = (downtimeLimitMs / 1_000) * bandwidthMiBPerSecond;
  let leftMiB = memoryMiB;
  let sentMiB = 0;
  let seconds = 0;
  let rounds = 0;
  while (leftMiB > allowedMiB && rounds < maxRounds) {
    const roundSeconds = leftMiB / bandwidthMiBPerSecond;
    sentMiB += leftMiB;
    seconds += roundSeconds;
    leftMiB = Math.min(workingSetMiB, dirtyMiBPerSecond * roundSeconds);
    rounds++;
  }
  const downtimeSeconds = leftMiB / bandwidthMiBPerSecond;
  return {
    totalMs: (seconds + downtimeSeconds) * 1_000,
    downtimeMs: downtimeSeconds * 1_000,
    trafficMiB: sentMiB + leftMiB,
    converges: leftMiB <= allowedMiB,
  };
};

/** What is known of a server and both hosts at a moment; `unknown` where it is not measured. */
export type MoveLoads = {
  serverCpuPercent: number | 'unknown';
  serverMemPercent: number | 'unknown';
  fromCpuPercent: number | 'unknown';
  toCpuPercent: number | 'unknown';
  /** What the source sends, and what the destination receives, besides. */
  fromTxBytesPerSecond: number | 'unknown';
  toRxBytesPerSecond: number | 'unknown';
};

/** What the installation says of its network and its guests. */
export type MoveAssumptions = {
  /** Between two idle hosts. */
  linkMiBPerSecond: number;
  /** What a vCPU at full load dirties. */
  dirtyMiBPerVcpuSecond: number;
};

/** Share of the memory that is written again and again, where nobody has measured it (our choice). */
const workingSetShare = 0.2;
/** A stream gets at least this share of a busy link (our choice). */
const leastLinkShare = 0.1;
/** A host above this CPU use copies slower: the migration thread waits for its core (our choice). */
const busyPercent = 90;
const mib = 1024 * 1024;

/** The formula's conditions from what is measured; what is not is assumed, and said. */
export const preCopyConditions = (
  server: { ramMiB: number; vcpus: number },
  loads: MoveLoads,
  assumptions: MoveAssumptions,
): PreCopyConditions & { notes: string[] } => {
  const notes: string[] = [];
  const orElse = (value: number | 'unknown', other: number, note: string): number => {
    if (value !== 'unknown') return value;
    notes.push(note);
    return other;
  };
  const memoryShare = orElse(
    loads.serverMemPercent,
    100,
    "the server's memory use is not measured: all of it is taken",
  );
  const memoryMiB = Math.max(1, (server.ramMiB * Math.min(100, memoryShare)) / 100);
  const cpu = orElse(
    loads.serverCpuPercent,
    50,
    "the server's CPU is not measured: half of it is taken",
  );
  const busiest = Math.max(
    orElse(loads.fromTxBytesPerSecond, 0, 'what the source sends is not measured'),
    orElse(loads.toRxBytesPerSecond, 0, 'what the destination receives is not measured'),
  );
  const { linkMiBPerSecond } = assumptions;
  const left = Math.max(leastLinkShare * linkMiBPerSecond, linkMiBPerSecond - busiest / mib);
  const hottest = Math.max(
    orElse(loads.fromCpuPercent, 0, "the source's CPU is not measured"),
    orElse(loads.toCpuPercent, 0, "the destination's CPU is not measured"),
  );
  const slowdown = Math.max(0.25, Math.min(1, (100 - hottest) / (100 - busyPercent)));
  return {
    memoryMiB,
    dirtyMiBPerSecond: (assumptions.dirtyMiBPerVcpuSecond * server.vcpus * cpu) / 100,
    workingSetMiB: workingSetShare * memoryMiB,
    bandwidthMiBPerSecond: left * slowdown,
    notes,
  };
};
