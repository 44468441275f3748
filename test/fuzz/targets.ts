import type { FuzzTarget } from './fuzz-target.ts';
import { selfTests } from './targets/self-test.ts';

/** Where a target is, and its share of all inputs. */
interface Entry {
  readonly share: number;
  readonly load: () => Promise<FuzzTarget>;
}

const collectd = () => import('./targets/collectd.ts');
const lines = () => import('./targets/line-protocol.ts');
const json = () => import('./targets/json-intake.ts');
const tables = () => import('./targets/tables.ts');
const texts = () => import('./targets/text-files.ts');
const stores = () => import('./targets/stores.ts');
const logs = () => import('./targets/syslog.ts');
const models = () => import('./targets/model-files.ts');

/** Every parser; loaded one at a time, so that a worker holds no other's code. */
export const targets: Readonly<Record<string, Entry>> = {
  'collectd plain': { share: 14, load: async () => (await collectd()).plainDatagrams() },
  'collectd signed': { share: 8, load: async () => (await collectd()).signedDatagrams() },
  'collectd encrypted': { share: 8, load: async () => (await collectd()).encryptedDatagrams() },
  'line protocol': { share: 13, load: async () => (await lines()).lineProtocol() },
  'line protocol out': { share: 5, load: async () => (await lines()).linesOut() },
  syslog: { share: 10, load: async () => (await logs()).syslog() },
  'syslog stream': { share: 2, load: async () => (await logs()).syslogStream() },
  'write_http JSON': { share: 6, load: async () => (await json()).writeHttp() },
  'Alertmanager webhook': { share: 6, load: async () => (await json()).alertmanager() },
  CSV: { share: 8, load: async () => (await tables()).csvTables() },
  'CSV packed': { share: 2, load: async () => (await tables()).packedTables() },
  'fleet meta.json': { share: 4, load: async () => (await tables()).fleetMeta() },
  'model file': { share: 3, load: async () => (await models()).modelFiles() },
  'types.db': { share: 5, load: async () => (await texts()).typesDb() },
  'users file': { share: 5, load: async () => (await texts()).usersFile() },
  'alarm expression': { share: 4, load: async () => (await texts()).alarmExpression() },
  'Authorization header': { share: 4, load: async () => (await texts()).authorizationHeader() },
  'InfluxDB answer': { share: 5, load: async () => (await stores()).influxAnswers() },
  'spool file': { share: 4, load: async () => (await stores()).spoolFiles() },
};

export const targetNames: readonly string[] = Object.keys(targets);

/** The target of a name. */
export async function targetNamed(name: string): Promise<FuzzTarget> {
  const entry = targets[name];
  const selfTest = selfTests[name];
  if (selfTest !== undefined) return selfTest();
  if (entry === undefined) throw new RangeError(`there is no parser ${name}`);
  return entry.load();
}

/** How many of all inputs each parser gets. */
export function inputsOf(name: string, inputs: number): number {
  const whole = Object.values(targets).reduce((sum, { share }) => sum + share, 0);
  return Math.max(1, Math.round((inputs * (targets[name]?.share ?? 0)) / whole));
}
