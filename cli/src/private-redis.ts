import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-ports.ts';
import type { Processes } from './processes.ts';

/**
 * redis-server does not end with its standard input as our services do: a watchman beside it, who reads that pipe, asks
 * it to when whoever started it has died.
 */
const endingWithStdin =
  'exec 3<&0; (cat <&3 >/dev/null 2>&1; kill $$) >/dev/null 2>&1 & exec redis-server "$@" 3<&-';

/** Starts a redis-server of our own on loopback, kept in a folder of ours; answers its address. */
export async function startPrivateRedis(
  processes: Processes,
  dataDir: string,
  logDir: string,
): Promise<string> {
  const port = await freePort();
  const folder = join(dataDir, 'redis');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const redis = processes.start({
    name: 'redis-server',
    command: 'sh',
    args: [
      '-c',
      endingWithStdin,
      'redis-server',
      '--bind',
      '127.0.0.1',
      '--port',
      String(port),
      '--dir',
      folder,
      '--appendonly',
      'yes',
      // BullMQ loses jobs when Redis may evict keys.
      '--maxmemory-policy',
      'noeviction',
      '--save',
      '',
      '--daemonize',
      'no',
    ],
    logFile: join(logDir, 'redis.log'),
  });
  await redis.firstLine((line) => line.includes('Ready to accept connections'), 15_000);
  return `redis://127.0.0.1:${port}`;
}
