import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { parseTypesDb, type TypesDb } from '@sidestep/collectd';
import {
  ConfigError,
  commonSettings,
  openStackSettings,
  readConfig,
  setting,
} from '@sidestep/service-kit';
import { z } from 'zod';
import type { Link } from './domain/fleet.ts';
import { parseUsers } from './domain/users-file.ts';

const DAY_MS = 86_400_000;

const links = z.array(
  z.strictObject({
    id: z.string().min(1),
    node1_id: z.string().min(1),
    node2_id: z.string().min(1),
    delay_us: z.number().nonnegative().nullable(),
    max_bw_mbps: z.number().positive().nullable(),
  }),
);

function isNetwork(text: string): boolean {
  const [address = '', bits = '0', ...rest] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
}

/** A file read and understood, or a fault that names it. */
const file = <T>(what: string, parse: (text: string) => T) =>
  z.string().transform((path, context): T => {
    try {
      return parse(readFileSync(path, 'utf8'));
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
      context.addIssue({ code: 'custom', message: `is no ${what}: ${path}: ${reason}` });
      return z.NEVER;
    }
  });

function parseTypes(text: string): TypesDb {
  const { types, faults } = parseTypesDb(text);
  const [first] = faults;
  if (first !== undefined) throw new Error(`line ${first.line}: ${first.detail}`);
  return types;
}

function parseLinks(text: string): Link[] {
  const parsed = links.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('/')} ${message}`);
    throw new Error(faults.join('; '));
  }
  return parsed.data.map((link) => ({
    id: link.id,
    node1Id: link.node1_id,
    node2Id: link.node2_id,
    delayUs: link.delay_us,
    maxBwMbps: link.max_bw_mbps,
  }));
}

const settings = z
  .object({
    ...commonSettings,
    ...openStackSettings,
    SIDESTEP_MONITORING_PORT: setting.port().default(8601),
    /** UDP, for collectd's network plugin. */
    SIDESTEP_COLLECTD_PORT: setting.port().default(25826),
    SIDESTEP_COLLECTD_BIND: setting.text().optional(),
    /** UDP and TCP, for syslog; not set: nobody listens. */
    SIDESTEP_SYSLOG_PORT: setting.port().optional(),
    SIDESTEP_SYSLOG_BIND: setting.text().default('127.0.0.1'),
    /** Larger messages are refused; RFC 5424 wants 2048 to be taken. */
    SIDESTEP_SYSLOG_MAX_BYTES: setting.integer(480, 65_507).default(8192),
    /** What comes beyond is counted and passed over. */
    SIDESTEP_SYSLOG_MESSAGES_PER_SECOND: setting.integer(1, 1_000_000).default(10_000),
    /** Least protection of a datagram that is accepted. */
    SIDESTEP_COLLECTD_SECURITY: z.enum(['none', 'signed', 'encrypted']).default('none'),
    /** Count hosts that send unsigned datagrams as trusted: a forged 99 % could move VNFs. */
    SIDESTEP_ALLOW_UNSIGNED: setting.flag().default(false),
    /** Certificate and key (PEM) for the same paths over TLS, e.g. for write_http. */
    SIDESTEP_TLS_CERT_FILE: setting.secretFile().optional(),
    SIDESTEP_TLS_KEY_FILE: setting.secretFile().optional(),
    SIDESTEP_TLS_BIND: setting.text().optional(),
    SIDESTEP_TLS_PORT: setting.port().default(8611),
    SIDESTEP_COLLECTD_USERS_FILE: file('list of "user: password" lines', parseUsers).optional(),
    /** More types than the built-in ones: collectd's own types.db or one of yours. */
    SIDESTEP_TYPES_DB: file('types.db', parseTypes).optional(),
    SIDESTEP_STORE: z.enum(['embedded', 'influxdb']).default('embedded'),
    SIDESTEP_INFLUXDB_URL: setting.url().default('http://127.0.0.1:8086'),
    /** Database of 1.x; bucket of 2.x and 3. */
    SIDESTEP_INFLUXDB_DATABASE: setting.text().default('sidestep'),
    /** 1 (1.x), 2 (2.x) or 3 (3 Core); default 2 with a token, else 1. */
    SIDESTEP_INFLUXDB_GENERATION: z.enum(['1', '2', '3']).optional(),
    SIDESTEP_INFLUXDB_TOKEN_FILE: setting.secretFile().optional(),
    SIDESTEP_INFLUXDB_USERNAME: setting.text().optional(),
    SIDESTEP_INFLUXDB_PASSWORD_FILE: setting.secretFile().optional(),
    SIDESTEP_SAMPLES_KEPT_DAYS: setting.number(0.01, 3650).default(7),
    SIDESTEP_ROLLUPS_KEPT_DAYS: setting.number(0.01, 3650).default(30),
    /** Rollups of a minute. */
    SIDESTEP_MINUTES_KEPT_DAYS: setting.number(0.01, 3650).default(400),
    /** Room on disk for samples that wait while the store is away. */
    SIDESTEP_SPOOL_MIB: setting.integer(1, 1_000_000).default(1024),
    /** Samples that may wait in memory while the store is away and the spool cannot take them. */
    SIDESTEP_BUFFER_SAMPLES: setting.integer(1000, 100_000_000).default(5_000_000),
    /** Series that may be known; collectd's raw readings are series as well. */
    SIDESTEP_MAX_SERIES: setting.integer(100, 10_000_000).default(1_000_000),
    SIDESTEP_INVENTORY_EVERY_MS: setting.integer(500, 3_600_000).default(10_000),
    SIDESTEP_INVENTORY_TIMEOUT_MS: setting.integer(500, 600_000).default(30_000),
    /** Links between nodes, as JSON in NI-Mon's form. */
    SIDESTEP_LINKS_FILE: file('list of links', parseLinks).optional(),
    /** Networks (CIDR) whose callers need no token for NI-Mon's paths. */
    SIDESTEP_OPEN_NETWORKS: setting
      .list()
      .refine((networks) => networks.every(isNetwork), 'must be networks such as 192.0.2.0/24')
      .optional(),
    SIDESTEP_END_WITH_STDIN: setting.flag().default(false),
  })
  .strict();

export type MonitoringSettings = Readonly<z.output<typeof settings>>;

/** Monitoring's settings from the environment; faults are thrown as one ConfigError. */
export function monitoringSettings(env: Record<string, string | undefined>): MonitoringSettings {
  const config = readConfig(settings, env);
  const { SIDESTEP_COLLECTD_SECURITY: level, SIDESTEP_COLLECTD_USERS_FILE: users } = config;
  if (level !== 'none' && users === undefined) {
    throw new ConfigError([
      `SIDESTEP_COLLECTD_USERS_FILE: is needed to accept only ${level} datagrams`,
    ]);
  }
  if (
    (config.SIDESTEP_TLS_CERT_FILE === undefined) !==
    (config.SIDESTEP_TLS_KEY_FILE === undefined)
  ) {
    throw new ConfigError([
      'SIDESTEP_TLS_CERT_FILE: needs SIDESTEP_TLS_KEY_FILE, and that needs it',
    ]);
  }
  return config;
}

/** How long samples and rollups are kept. */
export const retentionOf = (config: MonitoringSettings) => ({
  samplesMs: config.SIDESTEP_SAMPLES_KEPT_DAYS * DAY_MS,
  rollupsMs: config.SIDESTEP_ROLLUPS_KEPT_DAYS * DAY_MS,
  minutesMs: config.SIDESTEP_MINUTES_KEPT_DAYS * DAY_MS,
});
