import { readFileSync } from 'node:fs';

/** Datagrams dropped at the sockets of a local port, by the kernel's table (proc_net_udp: column drops is the last). */
export function udpDrops(table: string, port: number): number {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '']) => local.endsWith(`:${wanted}`))
    .reduce((sum, columns) => sum + (Number(columns.at(-1)) || 0), 0);
}

/** The same as of now; 0 where the kernel tells nothing of it. */
export function readUdpDrops(port: number): number {
  return ['/proc/net/udp', '/proc/net/udp6'].reduce((sum, path) => {
    try {
      return sum + udpDrops(readFileSync(path, 'utf8'), port);
    } catch {
      return sum;
    }
  }, 0);
}
