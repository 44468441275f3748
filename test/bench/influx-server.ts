import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, ownProcesses } from '@sidestep/cli';
import { until } from './bench-stack.ts';

/** A real influxd of ours. */
export type InfluxServer = {
  url: string;
  pid: number;
  /** kill -9. */
  kill(): Promise<void>;
  /** Starts it again on what it had kept. */
  startAgain(): Promise<void>;
  stop(): Promise<void>;
};

const START_LIMIT_MS = 30_000;

/** The part of influxd's configuration that makes it listen for collectd itself. */
export const collectdListener = (port: number): string => `[[collectd]]
enabled = true
bind-address = "127.0.0.1:${port}"
database = "collectd"
typesdb = "/usr/share/collectd/types.db"
batch-size = 5000
batch-pending = 10
batch-timeout = "200ms"
read-buffer = 8388608
`;

/** Starts Debian's influxd on loopback with its data in a folder of its own, which goes when it stops. */
export async function startInflux(moreConfig = ''): Promise<InfluxServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sidestep-bench-influx-'));
  const [httpPort, rpcPort] = [await freePort(), await freePort()];
  const config = join(folder, 'influxdb.conf');
  writeFileSync(
    config,
    `reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
dir = "${folder}/meta"
[data]
dir = "${folder}/data"
wal-dir = "${folder}/wal"
query-log-enabled = false
[http]
bind-address = "127.0.0.1:${httpPort}"
log-enabled = false
${moreConfig}`,
  );
  const processes = ownProcesses();
  const stop = async () => {
    await processes.stopAll();
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${httpPort}`;
  const start = async () => {
    const started = processes.start({
      name: 'influxd',
      command: 'influxd',
      args: ['-config', config],
      logFile: join(folder, 'influxd.log'),
    });
    const died = started.ended.then(() => Promise.reject(new Error('influxd ended by itself')));
    died.catch(() => undefined);
    await Promise.race([untilItAnswers(url), died]);
    return started;
  };
  try {
    let influxd = await start();
    return {
      url,
      pid: influxd.pid,
      kill: async () => {
        process.kill(influxd.pid, 'SIGKILL');
        await influxd.ended;
      },
      startAgain: async () => {
        influxd = await start();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const untilItAnswers = (url: string): Promise<true> =>
  until('influxd answers', START_LIMIT_MS, async () => {
    const response = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    );
    return response?.status === 204 ? true : undefined;
  });
