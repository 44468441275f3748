import { createSocket } from 'node:dgram';
import { encodeDatagrams } from '@sidestep/collectd';
import { expect, test } from 'vitest';
import { decisionOf, heat, liveMigrationCalls } from './moves.ts';
import { type Rig, startRig } from './rig.ts';

/** What anybody on the network can send. */
async function speakFor({ collectdPort }: Rig, host: string): Promise<void> {
  const socket = createSocket('udp4');
  const [datagram] = encodeDatagrams([
    {
      host,
      plugin: 'load',
      type: 'load',
      timeMs: Date.now(),
      intervalMs: 1_000,
      values: [99, 99, 99].map((value) => ({ kind: 'gauge' as const, value })),
    },
  ]);
  await new Promise((sent) => socket.send(datagram ?? '', collectdPort, '127.0.0.1', sent));
  socket.close();
}

test('a host that anybody can speak for loses no VNF in auto, however hot it is said to be', async () => {
  const rig = await startRig({
    settings: { SIDESTEP_MODE: 'auto', SIDESTEP_COLLECTD_SECURITY: 'none' },
  });
  try {
    await speakFor(rig, 'compute1');
    heat(rig, 'compute1', 60_000);

    const held = await decisionOf(rig, 'compute1', ['stay']);

    expect(held.stayReason).toBe('source-unsigned');
    expect(liveMigrationCalls(rig, 'fw')).toEqual([]);
  } finally {
    await rig.close();
  }
}, 90_000);
