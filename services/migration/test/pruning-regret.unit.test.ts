import { topologyOf } from '@sidestep/fleet';
import { cloud } from '@sidestep/fleet/testing';
import { policyNamed } from '@sidestep/policies';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MoveQuestion, PairToScore } from '../src/domain/plan-move.ts';
import { pruningRegret } from '../src/domain/pruning-regret.ts';

const weighing = { topology: topologyOf([]), costs: new Map() };

function question(hosts: readonly { cpuPercent: number; risk: number }[]): MoveQuestion {
  const builder = cloud().host('hot', { cpuPercent: 95 });
  for (let i = 0; i < 12; i++) builder.server(`s${i}`, { on: 'hot', cpuPercent: 30 + 5 * i });
  hosts.forEach((parts, i) => {
    builder.host(`h${i}`, parts);
  });
  const policy = policyNamed('least-risk');
  if (policy === undefined) throw new Error('no policy');
  return {
    hostId: 'hot',
    serverId: null,
    policy,
    seed: 1,
    params: {},
    resting: new Map(),
    rules: { pinnedTag: 'pinned', overcomes: new Set(['local-disk']) },
    context: {
      view: builder.build(),
      alarmed: new Set(['hot']),
      kept: new Map(),
      occupied: new Map(),
      signedOnly: false,
    },
  };
}

const scoredBy = (riskOf: (hostId: string) => number) => (pairs: readonly PairToScore[]) =>
  pairs.map(({ serverId, hostId }) => ({
    serverId,
    hostId,
    risk: riskOf(hostId),
    predictedMaxCpuPercent: 50,
    reasons: [],
  }));

test('where the risk of the last tick tells the best hosts, looking at few of them costs nothing', () => {
  const hosts = Array.from({ length: 100 }, (_, i) => ({ cpuPercent: 20, risk: i / 200 }));

  const found = pruningRegret(
    question(hosts),
    scoredBy((id) => (hosts[Number(id.slice(1))]?.risk ?? 1) + 0.06),
    weighing,
  );

  expect(found).toMatchObject({ pairs: { pruned: 512, exhaustive: 1_200 }, regret: 0 });
});

test('where the best host looked bad at the last tick, the regret says what that cost', () => {
  const hosts = Array.from({ length: 100 }, (_, i) => ({ cpuPercent: 20, risk: i / 200 }));

  const found = pruningRegret(
    question(hosts),
    scoredBy((id) => (id === 'h99' ? 0.1 : 0.3)),
    weighing,
  );

  expect(found.regret).toBeCloseTo(0.2);
});

test('the pruned choice is never better than the exhaustive one', () => {
  const host = fc.record({
    cpuPercent: fc.integer({ min: 0, max: 90 }),
    risk: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(host, { maxLength: 90 }), fc.nat(), (hosts, shift) => {
      const risk = (id: string) => ((Number(id.slice(1)) * 37 + shift) % 100) / 100;

      const { pruned, exhaustive } = pruningRegret(question(hosts), scoredBy(risk), weighing);

      if (pruned !== null && exhaustive !== null) {
        expect(pruned).toBeGreaterThanOrEqual(exhaustive - 1e-12);
      }
    }),
    { numRuns: 25 },
  );
});
