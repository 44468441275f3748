/** A small change that one gate must refuse. */
export type Fault = {
  title: string;
  /** The gate that must turn red. */
  gate: Gate;
  /** What the gate's output must name, so that it is red for this and nothing else. */
  names: string | RegExp;
  plant: { file: string; create: string } | { file: string; find: string; replace: string };
};

export type Gate =
  | { kind: 'contracts' }
  | { kind: 'types' }
  | { kind: 'lint'; path: string }
  | { kind: 'rooms' }
  | { kind: 'tests'; level: 'unit' | 'contract'; path: string };

const rooms: Gate = { kind: 'rooms' };

/** One room rule, and an import that breaks it. */
const room = (rule: string, file: string, imported: string): Fault => ({
  title: `${rule}: ${file} imports ${imported}`,
  gate: rooms,
  names: rule,
  plant: {
    file,
    create: `import * as planted from '${imported}';\n\nexport const used = planted;\n`,
  },
});

export const faults: readonly Fault[] = [
  {
    title: 'a contract was changed and not regenerated',
    gate: { kind: 'contracts' },
    names: 'out of date',
    plant: {
      file: 'packages/contracts/openapi/nfvo.yaml',
      find: 'title: Sidestep NFVO',
      replace: 'title: Another NFVO',
    },
  },
  {
    title: 'generated types were edited by hand',
    gate: { kind: 'contracts' },
    names: 'src/generated/migration.ts',
    plant: {
      file: 'packages/contracts/src/generated/migration.ts',
      find: 'export interface paths {',
      replace: 'export interface paths { // by hand',
    },
  },
  {
    title: 'a handler answers another shape than its contract',
    gate: { kind: 'types' },
    names: 'planted.ts',
    plant: {
      file: 'services/migration/src/http/planted.ts',
      create:
        "import type { migration } from '@sidestep/contracts';\nimport type { Handler } from '@sidestep/service-kit';\n\nexport const planted: Handler<migration.operations['getKillSwitch']> = () => ({\n  status: 200,\n  body: { engaged: 'yes' },\n});\n",
    },
  },
  {
    title: 'an element of an array is taken for certain',
    gate: { kind: 'types' },
    names: 'planted.ts',
    plant: {
      file: 'packages/fleet/src/planted.ts',
      create:
        'export function planted(values: readonly number[]): number {\n  return values[0];\n}\n',
    },
  },
  {
    title: 'any slips in',
    gate: { kind: 'lint', path: 'packages/fleet' },
    names: 'noExplicitAny',
    plant: {
      file: 'packages/fleet/src/planted.ts',
      create: 'export const planted = (value: any) => value;\n',
    },
  },
  {
    title: 'a default export slips in',
    gate: { kind: 'lint', path: 'packages/fleet' },
    names: 'noDefaultExport',
    plant: { file: 'packages/fleet/src/planted.ts', create: 'export default 1;\n' },
  },
  room('no-service-into-service', 'services/monitoring/src/planted.ts', '../../nfvo/src/config.ts'),
  room(
    'no-package-into-service',
    'packages/openstack/src/planted.ts',
    '../../../services/nfvo/src/config.ts',
  ),
  room(
    'no-reaching-into-packages',
    'services/nfvo/src/planted.ts',
    '../../../packages/service-kit/src/records.ts',
  ),
  room('pure-rooms-do-nothing', 'packages/policies/src/planted.ts', 'node:fs'),
  room('pure-domain', 'services/migration/src/domain/planted.ts', 'node:fs'),
  room('use-cases-know-ports', 'services/nfvo/src/usecases/planted.ts', '../http/wire.ts'),
  room('tensors-stay-in-forecast', 'services/prediction/src/planted.ts', '@tensorflow/tfjs'),
  room(
    'openapi-shapes-stay-out-of-domains',
    'services/migration/src/usecases/planted.ts',
    '@sidestep/contracts',
  ),
  room(
    'openstack-shapes-stay-in-openstack',
    'services/migration/src/adapters/planted.ts',
    '@sidestep/openstack/wire',
  ),
  room('fakes-stay-in-tests', 'services/nfvo/src/planted.ts', '@sidestep/service-kit/testing'),
  room('no-cycle', 'packages/fleet/src/planted.ts', './planted.ts'),
  {
    title: 'a host of unknown load becomes a destination',
    gate: { kind: 'tests', level: 'unit', path: 'packages/fleet' },
    names: 'unknown',
    plant: {
      file: 'packages/fleet/src/fleet-view.ts',
      find: "if (server.cpuPercent === 'unknown' || host.cores <= 0) return 'unknown';",
      replace: "if (server.cpuPercent === 'unknown' || host.cores <= 0) return 0;",
    },
  },
  {
    title: 'a lease can be taken while somebody holds it',
    gate: { kind: 'tests', level: 'unit', path: 'packages/service-kit' },
    names: 'a lease has one holder',
    plant: {
      file: 'packages/service-kit/src/sqlite-records.ts',
      find: 'row.expiresAtMs > now',
      replace: 'row.expiresAtMs > now + 1e15',
    },
  },
  {
    title: 'a route lets a lower role in',
    gate: { kind: 'tests', level: 'contract', path: 'packages/service-kit' },
    names: 'lets in no role below',
    plant: {
      file: 'packages/service-kit/src/auth.ts',
      find: 'roles.indexOf(principal.role) >= roles.indexOf(needed)',
      replace: 'roles.indexOf(principal.role) >= 0 * roles.indexOf(needed)',
    },
  },
  {
    title: 'an example that the contract refuses',
    gate: { kind: 'tests', level: 'contract', path: 'packages/contracts' },
    names: 'every example is valid',
    plant: {
      file: 'packages/contracts/src/generated/migration.json',
      find: '"mode": "recommend"',
      replace: '"mode": "reckless"',
    },
  },
  {
    title: 'a parser lets through what is no finite number',
    gate: { kind: 'tests', level: 'unit', path: 'test/fuzz' },
    names: 'a field is a named finite number',
    plant: {
      file: 'services/monitoring/src/domain/influx-lines.ts',
      find: 'number !== undefined && Number.isFinite(value)',
      replace: 'number !== undefined',
    },
  },
];
