import { cloud } from '@sidestep/fleet/testing';
import { describe, expect, test } from 'vitest';
import { leastCpu } from '../src/least-cpu.ts';
import { leastRisk } from '../src/least-risk.ts';
import { random } from '../src/random.ts';
import { svmClass } from '../src/svm-class.ts';

const ask = (candidates: string[], params: Record<string, number> = {}) => ({
  serverId: 's1',
  candidates,
  seed: 7,
  params,
});

describe('least-cpu', () => {
  test('takes the idlest host', () => {
    const view = cloud()
      .host('h1', { cpuPercent: 95 })
      .server('s1', { on: 'h1' })
      .host('h2', { cpuPercent: 50 })
      .host('h3', { cpuPercent: 20 })
      .build();

    const plan = leastCpu.plan(view, ask(['h2', 'h3']));

    expect(plan).toMatchObject({ kind: 'migrate', to: 'h3' });
    expect(plan.ranking.map(({ hostId }) => hostId)).toEqual(['h3', 'h2']);
  });

  test('a host of unknown load is never a destination', () => {
    const view = cloud()
      .host('h1', { cpuPercent: 95 })
      .server('s1', { on: 'h1' })
      .host('h2', { cpuPercent: 'unknown' })
      .build();

    const plan = leastCpu.plan(view, ask(['h2']));

    expect(plan).toEqual({
      kind: 'stay',
      reason: 'no-destination',
      ranking: [],
      rejected: [{ hostId: 'h2', why: 'load-unknown', detail: 'its CPU is not known' }],
    });
  });

  test('stays when even the idlest host would be busier than the source', () => {
    const view = cloud()
      .host('h1', { cpuPercent: 91 })
      .server('s1', { on: 'h1', vcpus: 6, cpuPercent: 100 })
      .host('h2', { cpuPercent: 60 })
      .build();

    expect(leastCpu.plan(view, ask(['h2']))).toMatchObject({
      kind: 'stay',
      reason: 'would-not-help',
    });
  });

  test('equals fall by the seed, not by their names', () => {
    const builder = cloud().host('h1', { cpuPercent: 95 }).server('s1', { on: 'h1' });
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) builder.host(name, { cpuPercent: 20 });
    const view = builder.build();

    const chosen = new Set(
      Array.from({ length: 64 }, (_, seed) => {
        const plan = leastCpu.plan(view, { serverId: 's1', candidates: names, seed });
        return plan.kind === 'migrate' ? plan.to : 'none';
      }),
    );

    expect([...chosen].toSorted()).toEqual(names);
  });
});

describe('least-risk', () => {
  const busy = () => cloud().host('h1', { cpuPercent: 95 }).server('s1', { on: 'h1' });

  test('risk goes before the CPU of now: the idlest host may be the next to saturate', () => {
    const view = busy()
      .host('idle', { cpuPercent: 5 })
      .host('steady', { cpuPercent: 60 })
      .risk('s1', 'idle', 0.4)
      .risk('s1', 'steady', 0.1)
      .build();

    expect(leastRisk.plan(view, ask(['idle', 'steady']))).toMatchObject({ to: 'steady' });
  });

  test('among the safe ones the lowest expected peak decides, then the CPU of now', () => {
    const view = busy()
      .host('a', { cpuPercent: 20 })
      .host('b', { cpuPercent: 40 })
      .host('c', { cpuPercent: 30 })
      .risk('s1', 'a', 0.01, 80)
      .risk('s1', 'b', 0.04, 60)
      .risk('s1', 'c', 0.03, 60)
      .build();

    const plan = leastRisk.plan(view, ask(['a', 'b', 'c']));

    expect(plan.ranking.map(({ hostId }) => hostId)).toEqual(['c', 'b', 'a']);
  });

  test('a host of unknown risk is never a destination, scored or not', () => {
    const view = busy().host('h2').host('h3').risk('s1', 'h2', 'unknown').build();

    const plan = leastRisk.plan(view, ask(['h2', 'h3']));

    expect(plan).toMatchObject({ kind: 'stay', reason: 'no-destination' });
    expect(plan.rejected.map(({ hostId, why }) => [hostId, why])).toEqual([
      ['h2', 'risk-unknown'],
      ['h3', 'risk-unknown'],
    ]);
  });

  test('stays when each host is more likely than not to saturate with the load on it', () => {
    const view = busy().host('h2').risk('s1', 'h2', 0.7).build();

    expect(leastRisk.plan(view, ask(['h2']))).toMatchObject({
      kind: 'stay',
      reason: 'would-not-help',
    });
    expect(leastRisk.plan(view, ask(['h2'], { maxRisk: 0.8 }))).toMatchObject({ to: 'h2' });
  });
});

test('random gives each host its turn', () => {
  const view = cloud().host('h1').server('s1', { on: 'h1' }).build();
  const counts = new Map<string, number>();

  for (let seed = 0; seed < 3_000; seed++) {
    const plan = random.plan(view, { serverId: 's1', candidates: ['a', 'b', 'c'], seed });
    if (plan.kind === 'migrate') counts.set(plan.to, (counts.get(plan.to) ?? 0) + 1);
  }

  for (const host of ['a', 'b', 'c']) expect(counts.get(host)).toBeGreaterThan(850);
});

describe('svm-class', () => {
  const fleet = () =>
    cloud()
      .host('h1', { cpuPercent: 95 })
      .server('s1', { on: 'h1' })
      .host('h2', { cpuPercent: 20 })
      .host('h3', { cpuPercent: 60 })
      .host('h4', { cpuPercent: 10 });

  test('takes the host of the highest margin, however idle others are now', () => {
    const view = fleet().hostClass('h2', -0.8).hostClass('h3', 0.4).hostClass('h4', -1).build();

    const plan = svmClass.plan(view, ask(['h2', 'h3', 'h4']));

    expect(plan).toMatchObject({ kind: 'migrate', to: 'h3' });
    expect(plan.ranking.map(({ hostId }) => hostId)).toEqual(['h3', 'h2', 'h4']);
  });

  test('a host that the classifier knows nothing of is never a destination, and why is told', () => {
    const view = fleet().hostClass('h2', 'unknown', 'unknown-host: it is new').build();

    expect(svmClass.plan(view, ask(['h2', 'h4']))).toMatchObject({
      kind: 'stay',
      reason: 'no-destination',
      rejected: [
        { hostId: 'h2', why: 'class-unknown', detail: 'unknown-host: it is new' },
        { hostId: 'h4', why: 'class-unknown', detail: 'the classifier said nothing of it' },
      ],
    });
  });

  test('where every margin is too low nothing moves', () => {
    const view = fleet().hostClass('h2', -0.8).hostClass('h3', -0.9).build();

    const plan = svmClass.plan(view, ask(['h2', 'h3'], { minMargin: -0.5 }));

    expect(plan).toMatchObject({ kind: 'stay', reason: 'would-not-help' });
    expect(plan.rejected.map(({ why }) => why)).toEqual(['margin-too-low', 'margin-too-low']);
  });
});
