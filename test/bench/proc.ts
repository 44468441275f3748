import { readFileSync } from 'node:fs';

/** A UDP socket as the kernel sees it. */
export type UdpSocket = { queuedBytes: number; dropped: number };

/** The socket bound to a port in the text of /proc/net/udp; undefined when there is none. */
export function udpSocketIn(text: string, port: number): UdpSocket | undefined {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const line of text.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    if (fields[1]?.endsWith(wanted) !== true) continue;
    const [, queued = '0'] = fields[4]?.split(':') ?? [];
    return { queuedBytes: Number.parseInt(queued, 16), dropped: Number(fields.at(-1)) };
  }
  return undefined;
}

/** The socket bound to a port of this machine. */
export function udpSocket(port: number): UdpSocket {
  const socket = udpSocketIn(readFileSync('/proc/net/udp', 'utf8'), port);
  if (socket === undefined) throw new Error(`nobody listens on UDP port ${port}`);
  return socket;
}

/** CPU seconds that a process has used so far, user and system, from the text of /proc/<pid>/stat. */
export function cpuSecondsIn(text: string): number {
  // The name of the program, in brackets, may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

// USER_HZ, which is 100 on every Linux that Node runs on.
const TICKS_PER_SECOND = 100;

/** CPU seconds that a process has used so far. */
export const cpuSecondsOf = (pid: number): number =>
  cpuSecondsIn(readFileSync(`/proc/${pid}/stat`, 'utf8'));

/** CPU seconds of this process within some work that does not wait, and its seconds by the clock. */
export function timeOf(work: () => void): { seconds: number; cpuSeconds: number } {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  work();
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { seconds, cpuSeconds: (user + system) / 1e6 };
}

/** What a socket may hold by the kernel's own count, when it asks for more than it gets. */
export const receiveBufferBytes = (askedBytes: number): number =>
  2 * Math.min(askedBytes, Number(readFileSync('/proc/sys/net/core/rmem_max', 'utf8')));

/** Seconds that a process's main thread could have run and had no core, from the text of its schedstat. */
export const waitedSecondsIn = (text: string): number => Number(text.split(' ')[1]) / 1e9;

/** Seconds that a process's main thread could have run and had no core. */
export const waitedSecondsOf = (pid: number): number =>
  waitedSecondsIn(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8'));
