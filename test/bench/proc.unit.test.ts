import { expect, test } from 'vitest';
import { cpuSecondsIn, udpSocketIn, waitedSecondsIn } from './proc.ts';

const udp = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  340: 0100007F:64E2 00000000:0000 07 00000000:00000900 00:00000000 00000000     0        0 2031 2 0000000000000000 17
  341: 0100007F:64E3 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 2032 2 0000000000000000 0
`;

test('a socket is found by its port, with what waits in it and what it dropped', () => {
  expect(udpSocketIn(udp, 25_826)).toEqual({ queuedBytes: 0x900, dropped: 17 });
  expect(udpSocketIn(udp, 25_827)).toEqual({ queuedBytes: 0, dropped: 0 });
});

test('a port that nobody has is no socket', () => {
  expect(udpSocketIn(udp, 1)).toBeUndefined();
});

test('CPU time is user and system together, whatever the program is called', () => {
  const stat = '42 (a) S b) S 1 42 42 0 -1 4194560 1 0 0 0 250 150 0 0 20 0 11 0 99 1 1';

  expect(cpuSecondsIn(stat)).toBe(4);
});

test('waiting for a core is told apart from running', () => {
  expect(waitedSecondsIn('7000000000 2500000000 1234\n')).toBe(2.5);
});
