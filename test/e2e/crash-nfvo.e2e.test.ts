import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CloudRequest } from './gateway.ts';
import { beginMove, movedOnce } from './moves.ts';
import { type Rig, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ settings: { SIDESTEP_SETTLE_MS: '200' } });
}, 90_000);
afterAll(() => rig?.close());

/** The calls by which a hop of one member is rendered anew behind a holder, in their order. */
const repathCalls = [
  'POST /v2.0/ports',
  'POST /v2.0/sfc/port_pairs',
  'PUT /v2.0/sfc/port_pair_groups/…',
  'DELETE /v2.0/sfc/port_pairs/…',
  'POST /v2.0/sfc/port_pairs',
  'PUT /v2.0/sfc/port_pair_groups/…',
  'DELETE /v2.0/sfc/port_pairs/…',
  'DELETE /v2.0/ports/…',
] as const;

test('a re-render is the calls that NFVO is killed at below', async () => {
  const before = rig.cloud.calls().length;

  await movedOnce(rig, await beginMove(rig));

  const made = rig.cloud
    .calls()
    .slice(before)
    .filter(({ service }) => service === 'network')
    .map(({ method, path }) => `${method} ${path.replace(/[0-9a-f-]{36}$/, '…')}`);
  expect(made).toEqual(repathCalls);
});

test.each(
  repathCalls.flatMap((call, index) => [
    [index + 1, call, 'on its way to Neutron', 'arrives'] as const,
    [index + 1, call, 'done, its answer lost', 'is-done'] as const,
  ]),
)(
  'NFVO killed with call %i (%s) %s: the next one makes the chain whole',
  async (number, _call, _how, when) => {
    const struck = rig.gateway.once(nthChange(number), when, () => rig.kill('nfvo'));

    const begun = await beginMove(rig);
    await struck;
    await rig.stack.restart('nfvo');

    const done = await movedOnce(rig, begun);
    expect(done.repath).toMatchObject({ state: 'completed', hops: 1 });
  },
);

/** The n-th request from now on that changes something in Neutron. */
function nthChange(number: number): (request: CloudRequest) => boolean {
  let seen = 0;
  return ({ method, path }) => {
    if (method === 'GET' || !path.startsWith('/network/')) return false;
    seen += 1;
    return seen === number;
  };
}
