import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type ServiceName, serviceNames } from '@sidestep/contracts';
import { type Access, makeAccess } from './access.ts';
import { type CollectdUser, makeCollectdUser } from './collectd-user.ts';
import { endOfLog, sizeOfLog } from './end-of-log.ts';
import { demandFreePort, demandFreeUdpPort } from './free-ports.ts';
import { startPrivateRedis } from './private-redis.ts';
import { type OwnProcess, ownProcesses, type Processes } from './processes.ts';
import { inRepository } from './repository.ts';
import { StartError } from './start-error.ts';

/**
 * Threads that help each service's garbage collector and compiler, V8's own four at most: a core is left to whoever judges samples
 * and answers requests. On two cores four of them take both from it at each full collection of a large heap.
 */
const helperThreads = Math.max(1, Math.min(4, availableParallelism() - 1));

export type StackOptions = {
  /** Where everything is kept: records, series, models, tokens, logs. */
  dataDir: string;
  /** The services take four ports in a row from here. */
  portBase: number;
  collectdPort: number;
  /** Given: that Redis; else a private one is started. */
  redisUrl?: string;
  /** How the services reach OpenStack: the OS_… variables. */
  openstack: Record<string, string>;
  /** More settings for all services. */
  settings?: Record<string, string>;
  /** Put the operator's token into Swagger UI's "Authorize": for demos on one's own machine. */
  tokenInDocs?: boolean;
  /** Programs that stand in for a service's own, as paths. */
  programs?: Partial<Record<ServiceName, string>>;
  /** Start these services and no others; default: all. */
  only?: readonly ServiceName[];
};

/** The four services and what they need, as processes of ours. */
export type Stack = {
  url: Record<ServiceName, string>;
  /** Of the newest process of each service. */
  pids: ReadonlyMap<ServiceName, number>;
  access: Access;
  /** Whom agents sign as. */
  collectdUser: CollectdUser;
  processes: Processes;
  logDir: string;
  /** The newest process of a service. */
  process(name: ServiceName): OwnProcess;
  /** Starts a service that has ended once more, on the same data and the same port. */
  restart(name: ServiceName): Promise<void>;
  /** Starts one more process of a service on the same data, listening on another port. */
  startAnother(name: ServiceName, port: number): Promise<OwnProcess>;
  stop(): Promise<void>;
};

/** Inner services first: each finds the ones that it asks already there. */
const startOrder: readonly ServiceName[] = ['monitoring', 'nfvo', 'prediction', 'migration'];

/** Starts the stack and waits until each service answers /health; what was started is stopped again when that fails. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const ports = Object.fromEntries(
    serviceNames.map((name, index) => [name, options.portBase + index]),
  ) as Record<ServiceName, number>;
  for (const name of serviceNames) await demandFreePort(ports[name], name, '--port-base');
  await demandFreeUdpPort(options.collectdPort, 'collectd', '--collectd-port');

  const logDir = join(options.dataDir, 'logs');
  mkdirSync(logDir, { recursive: true, mode: 0o700 });
  const access = makeAccess(join(options.dataDir, 'access'), serviceNames);
  const collectdUser = makeCollectdUser(options.dataDir);
  const url = Object.fromEntries(
    serviceNames.map((name) => [name, `http://127.0.0.1:${ports[name]}`]),
  ) as Record<ServiceName, string>;

  const processes = ownProcesses();
  const running = new Map<ServiceName, OwnProcess>();
  const pids = new Map<ServiceName, number>();
  const startProcess = async (
    name: ServiceName,
    redisUrl: string,
    port: number,
  ): Promise<OwnProcess> => {
    const logFile = join(logDir, `${name}.log`);
    const loggedBefore = sizeOfLog(logFile);
    const service = processes.start({
      name,
      command: process.execPath,
      args: [
        '--disable-warning=ExperimentalWarning',
        `--v8-pool-size=${helperThreads}`,
        options.programs?.[name] ?? inRepository('services', name, 'src/main.ts'),
      ],
      cwd: options.dataDir,
      env: {
        SIDESTEP_DATA_DIR: join(options.dataDir, name),
        SIDESTEP_REDIS_URL: redisUrl,
        SIDESTEP_TOKENS_FILE: access.tokensFile,
        SIDESTEP_SERVICE_TOKEN_FILE: access.serviceTokenFile[name] ?? '',
        ...(options.tokenInDocs === true
          ? { SIDESTEP_DOCS_TOKEN_FILE: access.tokenFile.operator }
          : {}),
        SIDESTEP_END_WITH_STDIN: 'true',
        SIDESTEP_COLLECTD_PORT: String(options.collectdPort),
        // An operator's own list counts.
        SIDESTEP_COLLECTD_USERS_FILE:
          process.env.SIDESTEP_COLLECTD_USERS_FILE ?? collectdUser.usersFile,
        ...Object.fromEntries(
          serviceNames.flatMap((each) => [
            [`SIDESTEP_${each.toUpperCase()}_PORT`, String(ports[each])],
            [`SIDESTEP_${each.toUpperCase()}_URL`, url[each]],
          ]),
        ),
        [`SIDESTEP_${name.toUpperCase()}_PORT`]: String(port),
        ...options.openstack,
        ...options.settings,
      },
      logFile,
    });
    if (port === ports[name]) {
      running.set(name, service);
      pids.set(name, service.pid);
    }
    await Promise.race([
      untilHealthy(name, `http://127.0.0.1:${port}`),
      endedEarly(service, { file: logFile, from: loggedBefore }),
    ]);
    return service;
  };
  try {
    const redisUrl =
      options.redisUrl ?? (await startPrivateRedis(processes, options.dataDir, logDir));
    const wanted = options.only ?? startOrder;
    for (const name of startOrder)
      if (wanted.includes(name)) await startProcess(name, redisUrl, ports[name]);
    return {
      url,
      pids,
      access,
      collectdUser,
      processes,
      logDir,
      process: (name) => {
        const found = running.get(name);
        if (found === undefined) throw new Error(`${name} was never started`);
        return found;
      },
      restart: async (name) => {
        await startProcess(name, redisUrl, ports[name]);
      },
      startAnother: (name, port) => startProcess(name, redisUrl, port),
      stop: () => processes.stopAll(),
    };
  } catch (error) {
    await processes.stopAll();
    throw error;
  }
}

async function untilHealthy(name: string, url: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const healthy = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return;
    if (performance.now() > deadline)
      throw new Error(`${name} did not answer at ${url}/health within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function endedEarly(
  { name, ended, logged }: OwnProcess,
  log: { file: string; from: number },
): Promise<never> {
  const code = await ended;
  await logged;
  throw new StartError(
    `${name} ended while starting (exit code ${code ?? 'none'}); the end of ${log.file}:\n${endOfLog(log.file, log.from)}`,
  );
}
