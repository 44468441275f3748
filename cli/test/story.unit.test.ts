import { expect, test } from 'vitest';
import { nothingTold, type Scene, tell } from '../src/demo/story.ts';
import { summaryOf } from '../src/demo/summary.ts';

type Alarm = Scene['alarms'][number];
type Decision = Scene['decisions'][number];
type Operation = Scene['operations'][number];

const alarm = (over: Partial<Alarm> = {}): Alarm => ({
  id: 'a1b2c3d4',
  ruleId: 'host-cpu-high',
  resource: 'compute1',
  metric: 'host.cpuPercent',
  severity: 'critical',
  state: 'raised',
  value: 94.4,
  threshold: 90,
  since: '2026-01-01T00:00:00.000Z',
  raisedAt: '2026-01-01T00:00:20.000Z',
  clearedAt: null,
  updatedAt: '2026-01-01T00:00:20.000Z',
  ...over,
});

const decision = (over: Partial<Decision> = {}): Decision => ({
  id: 'd1',
  state: 'executed',
  createdAt: '2026-01-01T00:00:20.100Z',
  updatedAt: '2026-01-01T00:00:20.100Z',
  trigger: { kind: 'alarm', alarmIds: ['a1b2c3d4'], ruleIds: ['host-cpu-high'], requestedBy: null },
  hostId: 'compute1',
  mode: 'auto',
  policy: 'least-risk',
  seed: 1,
  serverId: 's1',
  destinationHostId: 'compute3',
  stayReason: null,
  victims: [
    { serverId: 's1', name: 'ips-2', cpuSharePercent: 21.4, chosen: true, why: 'the largest' },
  ],
  candidates: [
    {
      hostId: 'compute3',
      score: 0.02,
      cpuPercent: 41,
      risk: 0.021,
      reasons: ['risk 2.1 % with the server on it', 'CPU expected to peak at 55 %'],
    },
    {
      hostId: 'compute5',
      score: 0.88,
      cpuPercent: 17,
      risk: 0.88,
      reasons: ['risk 88.0 % with the server on it', 'CPU expected to peak at 99 %'],
    },
  ],
  omitted: { candidates: 0, rejected: 0 },
  furtherMoves: [],
  follows: null,
  rejected: [],
  data: { observedAt: '2026-01-01T00:00:20.100Z', inventoryAgeMs: 900, oldestSampleAgeMs: 700 },
  modelVersion: 'm1',
  fallback: null,
  modeFrom: { scope: 'default', id: null },
  approvers: { role: 'operator', subjects: [] },
  owners: [],
  controlGroup: false,
  policyVersion: 'abc',
  params: {},
  predicted: null,
  measured: null,
  looks: 1,
  guardrails: [],
  heldBack: null,
  operationId: 'o1',
  history: [],
  ...over,
});

const operation = (over: Partial<Operation> = {}): Operation => ({
  id: 'o1',
  kind: 'live-migration',
  work: null,
  decisionId: 'd1',
  serverId: 's1',
  serverName: 'ips-2',
  sourceHostId: 'compute1',
  destinationHostId: 'compute3',
  state: 'COMPLETED',
  step: 'settle',
  attempt: 1,
  createdAt: '2026-01-01T00:00:20.200Z',
  updatedAt: '2026-01-01T00:00:30.200Z',
  endedAt: '2026-01-01T00:00:30.200Z',
  durationMs: 10_000,
  steps: [],
  nova: {
    requestId: 'req-1',
    migrationId: 1,
    status: 'completed',
    memoryTotalBytes: null,
    memoryProcessedBytes: null,
    memoryRemainingBytes: null,
  },
  repath: { state: 'completed', hops: 1, gapMs: 420 },
  chains: [
    {
      chainId: 'c1',
      before: { requestsPerSecond: 41, responseTimeMs: 480 },
      during: { requestsPerSecond: 12, responseTimeMs: null },
      after: { requestsPerSecond: 118, responseTimeMs: 71 },
    },
  ],
  problem: null,
  ...over,
});

const scene = (over: Partial<Scene> = {}): Scene => ({
  alarms: [],
  decisions: [],
  operations: [],
  chainNames: new Map([['c1', 'web-2']]),
  cpuPercent: new Map(),
  ...over,
});

test('the story says what is hot, who moves, why there, and what it did to the chain', () => {
  const { lines } = tell(
    nothingTold,
    scene({ alarms: [alarm()], decisions: [decision()], operations: [operation()] }),
  );

  expect(lines).toEqual([
    'compute1 is hot: host.cpuPercent 94 %, threshold 90 % (rule host-cpu-high)',
    'decided: ips-2 (on compute1, 21 % of its CPU) goes to compute3 [least-risk], one of 2 hosts considered',
    '  chosen compute3 (CPU 41 % now): risk 2.1 % with the server on it, CPU expected to peak at 55 %',
    '  idler now, but no better: compute5 (CPU 17 % now): risk 88.0 % with the server on it, CPU expected to peak at 99 %',
    'ips-2 is on its way from compute1 to compute3 (Nova live migration)',
    'ips-2 is on compute3 after 10.0 s; 1 hop of its chain rendered anew in networking-sfc, gap 420 ms',
    '  chain web-2 went on answering: requests/s 41 → 12 → 118, response time 480 → ? → 71 ms (before → during → after)',
  ]);
});

test('a host that may not take it is told with its load and why', () => {
  const { lines } = tell(
    nothingTold,
    scene({
      decisions: [
        decision({
          rejected: [
            {
              hostId: 'compute2',
              why: 'risk-too-high',
              detail: 'risk 100.0 % with the server on it, 50.0 % at most',
            },
          ],
        }),
      ],
      cpuPercent: new Map([['compute2', 12.3]]),
    }),
  );

  expect(lines).toContain(
    '  refused compute2 (CPU 12 % now): risk 100.0 % with the server on it, 50.0 % at most',
  );
});

test.each([
  [0, 'answered nothing while it moved'],
  [12, 'went on answering'],
  [null, 'was not measured while it moved'],
])('a chain that answered %s requests/s during the move %s', (requestsPerSecond, words) => {
  const during = { requestsPerSecond, responseTimeMs: null };
  const moved = operation({ chains: [{ chainId: 'c1', before: null, during, after: null }] });

  const { lines } = tell(nothingTold, scene({ operations: [moved] }));

  expect(lines.at(-1)).toContain(`chain web-2 ${words}:`);
});

test('an overload that is there is no longer told as foreseen', () => {
  const foreseen = alarm({ id: 'r1', metric: 'forecast.failureRisk', value: 0.9, threshold: 0.8 });

  const { lines } = tell(nothingTold, scene({ alarms: [alarm(), foreseen] }));

  expect(lines).toEqual([
    'compute1 is hot: host.cpuPercent 94 %, threshold 90 % (rule host-cpu-high)',
  ]);
});

test('a foreseen overload is told as a risk in percent, once whatever number of horizons foresee it', () => {
  const foreseen = (id: string) =>
    alarm({
      id,
      ruleId: 'host-risk-predicted',
      metric: 'forecast.failureRisk',
      value: 0.93,
      threshold: 0.8,
    });

  expect(tell(nothingTold, scene({ alarms: [foreseen('r1'), foreseen('r2')] })).lines).toEqual([
    'compute1 is foreseen to run hot: risk 93 %, threshold 80 % (rule host-risk-predicted)',
  ]);
});

test('nothing is told twice, but the same condition raised again is', () => {
  const first = tell(nothingTold, scene({ alarms: [alarm()], decisions: [decision()] }));

  expect(tell(first.told, scene({ alarms: [alarm()], decisions: [decision()] })).lines).toEqual([]);
  expect(
    tell(first.told, scene({ alarms: [alarm({ raisedAt: '2026-01-01T00:10:00.000Z' })] })).lines,
  ).toHaveLength(1);
});

test('a stay that is decided again for the same reason is told once', () => {
  const stay = (id: string) =>
    decision({
      id,
      state: 'stay',
      serverId: null,
      destinationHostId: null,
      stayReason: 'no-destination',
    });

  const first = tell(nothingTold, scene({ decisions: [stay('d1')] }));

  expect(first.lines).toEqual(['compute1: nothing moves (no-destination)']);
  expect(tell(first.told, scene({ decisions: [stay('d2'), stay('d1')] })).lines).toEqual([]);
});

test('a move that failed is told with its reason', () => {
  const failed = operation({
    state: 'FAILED',
    problem: {
      type: 't',
      title: 'x',
      status: 502,
      detail: 'Nova: No valid host was found.',
      instance: '/operations/o1',
      code: 'MIGRATION_FAILED',
      traceId: '1',
    },
  });

  expect(tell(nothingTold, scene({ operations: [failed] })).lines.at(-1)).toBe(
    'ips-2 did not move (FAILED): Nova: No valid host was found.',
  );
});

test('the summary holds the whole move in one object', () => {
  expect(summaryOf(decision(), operation())).toEqual({
    alarm: 'a1b2c3d4',
    vnf: 'ips-2',
    from: 'compute1',
    to: 'compute3',
    policy: 'least-risk',
    modelVersion: 'm1',
    operation: 'o1',
    durationMs: 10_000,
    chain: {
      before: { requestsPerSecond: 41, responseTimeMs: 480 },
      during: { requestsPerSecond: 12, responseTimeMs: null },
      after: { requestsPerSecond: 118, responseTimeMs: 71 },
    },
  });
});
