import { expect, test } from 'vitest';
import { udpDrops } from '../src/adapters/udp/udp-drops.ts';

const table = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1647: 00000000:64E2 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 320144 2 00000000eb4bf9af 17
 1648: 0100007F:64E2 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 320145 2 00000000eb4bf9af 3
 2882: 00000000:DF33 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 320150 2 00000000e2214173 99
`;

test('drops of a port are those of all its sockets, and of no other’s', () => {
  expect(udpDrops(table, 0x64e2)).toBe(20);
  expect(udpDrops(table, 1)).toBe(0);
  expect(udpDrops('', 1)).toBe(0);
});
