import type { migration, monitoring } from '@sidestep/contracts';

type Alarm = monitoring.components['schemas']['Alarm'];
type Decision = migration.components['schemas']['Decision'];
type Operation = migration.components['schemas']['Operation'];

/** What the services know at one moment. */
export type Scene = {
  alarms: readonly Alarm[];
  decisions: readonly Decision[];
  operations: readonly Operation[];
  /** Names of port chains by id. */
  chainNames: ReadonlyMap<string, string>;
  /** Each host's CPU now, in percent; a host of unknown load is not in it. */
  cpuPercent: ReadonlyMap<string, number>;
};

/** What has been told already. */
export type Told = {
  alarms: ReadonlySet<string>;
  decisions: ReadonlySet<string>;
  begun: ReadonlySet<string>;
  ended: ReadonlySet<string>;
};

export const nothingTold: Told = {
  alarms: new Set(),
  decisions: new Set(),
  begun: new Set(),
  ended: new Set(),
};

const finalStates: readonly string[] = ['COMPLETED', 'FAILED', 'ROLLED_BACK'];

/** The lines that a scene adds to the story, and what is told thereafter. */
export function tell(told: Told, scene: Scene): { lines: string[]; told: Told } {
  const alarms = scene.alarms.filter(
    (alarm) => alarm.state === 'raised' && !told.alarms.has(occurrence(alarm)),
  );
  const decisions = oldestFirst(scene.decisions).filter(
    (decision) => !told.decisions.has(tellingOf(decision)),
  );
  const begun = oldestFirst(scene.operations).filter(
    (operation) => operation.nova !== null && !told.begun.has(operation.id),
  );
  const ended = oldestFirst(scene.operations).filter(
    (operation) => finalStates.includes(operation.state) && !told.ended.has(operation.id),
  );
  return {
    lines: [
      // One host's risk is watched at several horizons: what reads the same is told once.
      ...new Set(alarms.filter((alarm) => !isPast(alarm, scene.alarms)).map(alarmLine)),
      ...decisions.flatMap((decision) => decisionLines(decision, scene.cpuPercent)),
      ...begun.map(
        (operation) =>
          `${operation.serverName} is on its way from ${operation.sourceHostId} to ${operation.destinationHostId} (Nova live migration)`,
      ),
      ...ended.flatMap((operation) => endLines(operation, scene.chainNames)),
    ],
    told: {
      alarms: new Set([...told.alarms, ...alarms.map(occurrence)]),
      decisions: new Set([...told.decisions, ...decisions.map(tellingOf)]),
      begun: new Set([...told.begun, ...begun.map((operation) => operation.id)]),
      ended: new Set([...told.ended, ...ended.map((operation) => operation.id)]),
    },
  };
}

/** An overload is no longer foreseen once it is there. */
function isPast(alarm: Alarm, raised: readonly Alarm[]): boolean {
  return (
    alarm.metric === riskMetric &&
    raised.some((other) => other.resource === alarm.resource && other.metric === 'host.cpuPercent')
  );
}

const riskMetric = 'forecast.failureRisk';

/** The same condition raised again later is told again. */
const occurrence = (alarm: Alarm) => `${alarm.id} ${alarm.raisedAt}`;

/** A host's stay is looked at again and again for one reason; it is told once. */
const tellingOf = (decision: Decision) =>
  decision.state === 'stay'
    ? `${decision.hostId} ${decision.trigger.alarmIds.join()} ${decision.stayReason}`
    : decision.id;

function oldestFirst<T extends { createdAt: string }>(things: readonly T[]): T[] {
  return things.toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
}

function alarmLine(alarm: Alarm): string {
  if (alarm.metric === riskMetric) {
    const risk = alarm.value === null ? 'unknown' : `${(100 * alarm.value).toFixed(0)} %`;
    return `${alarm.resource} is foreseen to run hot: risk ${risk}, threshold ${100 * alarm.threshold} % (rule ${alarm.ruleId})`;
  }
  const value = alarm.value === null ? 'unknown' : `${alarm.value.toFixed(0)} %`;
  return `${alarm.resource} is hot: ${alarm.metric} ${value}, threshold ${alarm.threshold} % (rule ${alarm.ruleId})`;
}

function decisionLines(
  decision: Decision,
  cpuPercent: ReadonlyMap<string, number>,
): readonly string[] {
  const victim = decision.victims.find((each) => each.serverId === decision.serverId);
  if (decision.destinationHostId === null || victim === undefined) {
    return [`${decision.hostId}: nothing moves (${decision.stayReason ?? decision.state})`];
  }
  const share =
    victim.cpuSharePercent === null ? '' : `, ${victim.cpuSharePercent.toFixed(0)} % of its CPU`;
  const chosen = decision.candidates.find((each) => each.hostId === decision.destinationHostId);
  // A decision names the scorer of the risks that it shows, even where its policy weighs none.
  const weighsRisk = decision.policy === 'least-risk';
  const by =
    decision.fallback === null || !weighsRisk
      ? decision.policy
      : `${decision.policy}, risk by ${decision.fallback}`;
  const considered = decision.candidates.length + decision.rejected.length;
  return [
    `decided: ${victim.name} (on ${decision.hostId}${share}) goes to ${decision.destinationHostId} [${by}], one of ${considered} hosts considered`,
    `  chosen ${decision.destinationHostId}${atNow(chosen?.cpuPercent ?? undefined)}${because(chosen)}`,
    ...decision.rejected.map(
      ({ hostId, detail }) => `  refused ${hostId}${atNow(cpuPercent.get(hostId))}: ${detail}`,
    ),
    ...idlerThan(chosen, decision.candidates).map(
      (each) =>
        `  idler now, but no better: ${each.hostId}${atNow(each.cpuPercent ?? undefined)}${because(each)}`,
    ),
  ];
}

type Candidate = Decision['candidates'][number];

/** The idlest candidate where that is not the one chosen: why it is not is what a reader asks first. */
function idlerThan(chosen: Candidate | undefined, candidates: readonly Candidate[]): Candidate[] {
  const [idlest] = candidates
    .filter((each) => each.cpuPercent !== null)
    .toSorted((a, b) => (a.cpuPercent ?? 0) - (b.cpuPercent ?? 0));
  return idlest === undefined || idlest.hostId === chosen?.hostId ? [] : [idlest];
}

function atNow(percent: number | undefined): string {
  return percent === undefined ? '' : ` (CPU ${percent.toFixed(0)} % now)`;
}

/** The policy's first two reasons: they carry its figures. */
function because(candidate: Decision['candidates'][number] | undefined): string {
  const reasons = candidate?.reasons.slice(0, 2) ?? [];
  return reasons.length === 0 ? '' : `: ${reasons.join(', ')}`;
}

function endLines(operation: Operation, chainNames: ReadonlyMap<string, string>): string[] {
  const seconds = operation.durationMs === null ? '?' : (operation.durationMs / 1000).toFixed(1);
  if (operation.state !== 'COMPLETED') {
    return [
      `${operation.serverName} did not move (${operation.state}): ${operation.problem?.detail ?? 'no reason given'}`,
    ];
  }
  const repath = operation.repath;
  const chainWord =
    repath?.state === 'completed' && repath.hops > 0
      ? `; ${repath.hops} hop${repath.hops === 1 ? '' : 's'} of its chain rendered anew in networking-sfc, gap ${repath.gapMs ?? '?'} ms`
      : '';
  return [
    `${operation.serverName} is on ${operation.destinationHostId} after ${seconds} s${chainWord}`,
    ...operation.chains.map(
      (chain) =>
        `  chain ${chainNames.get(chain.chainId) ?? chain.chainId} ${howItWent(chain)}: requests/s ${threefold(chain, 'requestsPerSecond')}, response time ${threefold(chain, 'responseTimeMs')} ms (before → during → after)`,
    ),
  ];
}

/** Whether the chain answered while its VNF moved. */
function howItWent(chain: Operation['chains'][number]): string {
  const answered = chain.during?.requestsPerSecond ?? null;
  if (answered === null) return 'was not measured while it moved';
  return answered > 0 ? 'went on answering' : 'answered nothing while it moved';
}

function threefold(
  chain: Operation['chains'][number],
  what: 'requestsPerSecond' | 'responseTimeMs',
): string {
  return [chain.before, chain.during, chain.after]
    .map((part) => part?.[what]?.toFixed(0) ?? '?')
    .join(' → ');
}
