import { join } from 'node:path';
import { builtinTypes, type TypesDb } from '@sidestep/collectd';
import {
  bullmqJobs,
  createLog,
  everyMs,
  type Listening,
  type Log,
  listen,
  openStackLogin,
  type Running,
  sqliteRecords,
  systemClock,
  type Ticker,
} from '@sidestep/service-kit';
import { type InfluxGeneration, mannersOf } from './adapters/influx/generations.ts';
import { influxSeriesStore } from './adapters/influx/influx-series-store.ts';
import { fileMark } from './adapters/mark/file-mark.ts';
import { threadedInventory } from './adapters/openstack/threaded-inventory.ts';
import { fileSpool } from './adapters/spool/file-spool.ts';
import { threadedSeriesStore } from './adapters/sqlite/threaded-series-store.ts';
import { listenSyslogTcp, type TcpListening } from './adapters/syslog/syslog-tcp.ts';
import { readUdpDrops } from './adapters/udp/udp-drops.ts';
import { listenUdp, type UdpListening } from './adapters/udp/udp-listener.ts';
import { postJson } from './adapters/webhook/post-json.ts';
import { type MonitoringSettings, retentionOf } from './config.ts';
import { monitoring } from './monitoring.ts';
import type { SeriesStore } from './ports/series-store.ts';
import type { LogDesk } from './usecases/log-desk.ts';

const VERSION = '0.1.0';
const MIB = 1024 * 1024;
const WEBHOOK_TIMEOUT_MS = 5000;

/** Monitoring as a process: listens for requests and for collectd, and closes in reverse. */
export function compose(config: MonitoringSettings): Running {
  const log = createLog('monitoring', config.SIDESTEP_LOG_LEVEL);
  const source = threadedInventory(openStackLogin(config));
  const records = sqliteRecords(join(config.SIDESTEP_DATA_DIR, 'records.db'), systemClock);
  const { store, opened } = openStore(config);
  const jobs = bullmqJobs({
    redisUrl: config.SIDESTEP_REDIS_URL,
    prefix: config.SIDESTEP_QUEUE_PREFIX,
    log,
  });
  const users = config.SIDESTEP_COLLECTD_USERS_FILE;
  let udp: UdpListening | undefined;
  const syslogPort = config.SIDESTEP_SYSLOG_PORT;
  const syslog: (UdpListening | TcpListening)[] = [];
  const docsToken = config.SIDESTEP_DOCS_TOKEN_FILE;
  const service = monitoring({
    store,
    storeDetail: storeDetailOf(config),
    records,
    jobs,
    source,
    clock: systemClock,
    log,
    version: VERSION,
    tokens: config.SIDESTEP_TOKENS_FILE,
    types: typesOf(config),
    retention: retentionOf(config),
    inventoryTimeoutMs: config.SIDESTEP_INVENTORY_TIMEOUT_MS,
    inventoryEveryMs: config.SIDESTEP_INVENTORY_EVERY_MS,
    bufferSamples: config.SIDESTEP_BUFFER_SAMPLES,
    maxSeries: config.SIDESTEP_MAX_SERIES,
    links: config.SIDESTEP_LINKS_FILE ?? [],
    allowUnsigned: config.SIDESTEP_ALLOW_UNSIGNED,
    kernelDrops: () => (udp === undefined ? 0 : readUdpDrops(udp.port)),
    waitingDatagrams: () => udp?.waiting() ?? 0,
    spool: fileSpool(join(config.SIDESTEP_DATA_DIR, 'spool'), config.SIDESTEP_SPOOL_MIB * MIB),
    mark: fileMark(join(config.SIDESTEP_DATA_DIR, 'in-hand')),
    post: postJson(WEBHOOK_TIMEOUT_MS),
    collectdLevel: config.SIDESTEP_COLLECTD_SECURITY,
    logMaxBytes: config.SIDESTEP_SYSLOG_MAX_BYTES,
    logMessagesPerSecond: config.SIDESTEP_SYSLOG_MESSAGES_PER_SECOND,
    ...(syslogPort === undefined ? {} : { syslogPort }),
    basePath: config.SIDESTEP_BASE_PATH,
    openNetworks: config.SIDESTEP_OPEN_NETWORKS ?? [],
    ...(users === undefined ? {} : { passwordOf: (user: string) => users.get(user) }),
    ...(docsToken === undefined ? {} : { docsToken }),
  });
  const tickers: Ticker[] = [];
  const endWithStore: Ticker[] = [];
  let http: Listening | undefined;
  let https: Listening | undefined;

  return {
    start: async () => {
      await Promise.all([opened, source.opened]);
      await service.load();
      udp = await listenUdp(
        config.SIDESTEP_COLLECTD_BIND ?? config.SIDESTEP_BIND,
        config.SIDESTEP_COLLECTD_PORT,
        (bytes) => service.collectd.datagram(bytes),
        (error) => log.warn({ error }, 'The collectd socket'),
      );
      if (syslogPort !== undefined) {
        syslog.push(...(await listenSyslog(config, syslogPort, service.logs, log)));
      }
      http = await listen(service.app, config.SIDESTEP_BIND, config.SIDESTEP_MONITORING_PORT);
      const [cert, key] = [config.SIDESTEP_TLS_CERT_FILE, config.SIDESTEP_TLS_KEY_FILE];
      if (cert !== undefined && key !== undefined) {
        const bind = config.SIDESTEP_TLS_BIND ?? config.SIDESTEP_BIND;
        https = await listen(service.app, bind, config.SIDESTEP_TLS_PORT, { cert, key });
        log.info({ url: https.url }, 'Monitoring listens for TLS');
      }
      log.info({ url: http.url, collectdPort: udp.port }, 'Monitoring listens');
      // Work of its own begins once every port is ours: a process that may not listen has done nothing.
      for (const { name, everyMs: intervalMs, work, endsWithStore } of service.recurring) {
        const [tick, onError] = complainingOnce(work, (error) =>
          log.error({ error, work: name }, 'Work beside the requests failed; it is tried again'),
        );
        const those = endsWithStore === true ? endWithStore : tickers;
        those.push(everyMs(intervalMs, tick, onError));
      }
      void service.recurring.find(({ name }) => name === 'inventory')?.work();
    },
    close: async () => {
      service.end();
      // Side by side: each may wait for callers that read on, and all of it is to end within the limit of a process.
      await Promise.all([https?.close(), http?.close()]);
      await udp?.close();
      for (const listening of syslog) await listening.close();
      // First: the ticker would wait for a reading that the VIM does not answer.
      await source.close();
      const ended = Promise.all(endWithStore.map((ticker) => ticker.stop()));
      for (const ticker of tickers.reverse()) await ticker.stop();
      await service.drain();
      await jobs.close();
      await store.close();
      await ended;
      await records.close();
    },
  };
}

/** Syslog over UDP and TCP at one port. */
async function listenSyslog(
  config: MonitoringSettings,
  port: number,
  logs: LogDesk,
  log: Log,
): Promise<(UdpListening | TcpListening)[]> {
  const bind = config.SIDESTEP_SYSLOG_BIND;
  const onMessage = (bytes: Uint8Array) => logs.syslog(bytes, systemClock.now());
  const onError = (error: Error) => log.warn({ error }, 'The syslog socket');
  const udp = await listenUdp(bind, port, onMessage, onError);
  const tcp = await listenSyslogTcp(
    bind,
    port,
    config.SIDESTEP_SYSLOG_MAX_BYTES,
    onMessage,
    (reason) => logs.refuse(reason),
    onError,
  );
  log.info({ bind, port }, 'Monitoring listens for syslog');
  return [udp, tcp];
}

/** The work, and what to do with its failures: one that repeats itself is told of once. */
function complainingOnce(
  work: () => Promise<void> | void,
  complain: (error: unknown) => void,
): [tick: () => Promise<void>, onError: (error: unknown) => void] {
  let told: string | undefined;
  return [
    async () => {
      await work();
      told = undefined;
    },
    (error) => {
      const text = String(error);
      if (text !== told) complain(error);
      told = text;
    },
  ];
}

const generationOf = (config: MonitoringSettings): InfluxGeneration =>
  config.SIDESTEP_INFLUXDB_GENERATION ??
  (config.SIDESTEP_INFLUXDB_TOKEN_FILE === undefined ? '1' : '2');

const storeDetailOf = (config: MonitoringSettings): string =>
  config.SIDESTEP_STORE === 'embedded' ? 'embedded' : mannersOf[generationOf(config)].name;

/** The store, and the promise that it may be used: one that is elsewhere may be away, a file must be there. */
function openStore(config: MonitoringSettings): { store: SeriesStore; opened: Promise<void> } {
  if (config.SIDESTEP_STORE === 'embedded') {
    const store = threadedSeriesStore(join(config.SIDESTEP_DATA_DIR, 'series.db'));
    return { store, opened: store.opened };
  }
  const token = config.SIDESTEP_INFLUXDB_TOKEN_FILE;
  const username = config.SIDESTEP_INFLUXDB_USERNAME;
  const password = config.SIDESTEP_INFLUXDB_PASSWORD_FILE;
  const store = influxSeriesStore({
    url: config.SIDESTEP_INFLUXDB_URL,
    database: config.SIDESTEP_INFLUXDB_DATABASE,
    generation: generationOf(config),
    ...(token === undefined ? {} : { token }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  });
  return { store, opened: Promise.resolve() };
}

function typesOf(config: MonitoringSettings): TypesDb {
  const own = config.SIDESTEP_TYPES_DB;
  return own === undefined ? builtinTypes : new Map([...builtinTypes, ...own]);
}
