import { join } from 'node:path';
import { freePort, type OwnProcess, type Processes } from '@sidestep/cli';
import { Redis } from 'ioredis';

/** A redis-server of the test's own, to be wiped, killed and started again on the same port. */
export type OwnRedis = {
  url: string;
  wipe(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
};

export async function ownRedis(processes: Processes, folder: string): Promise<OwnRedis> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let running: OwnProcess | undefined;
  const start = async () => {
    running = processes.start({
      name: 'redis-server',
      command: 'redis-server',
      // Nothing is kept: killed and started again, it has forgotten everything.
      args: ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'],
      cwd: folder,
      logFile: join(folder, 'redis.log'),
    });
    await running.firstLine((line) => line.includes('Ready to accept connections'), 15_000);
  };
  await start();
  return {
    url,
    start,
    kill: async () => {
      if (running === undefined) return;
      process.kill(running.pid, 'SIGKILL');
      await running.ended;
    },
    wipe: async () => {
      const client = new Redis(url);
      await client.flushall();
      client.disconnect();
    },
  };
}
