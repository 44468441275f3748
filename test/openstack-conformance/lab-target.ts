import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createOpenStack } from '@sidestep/openstack';
import { takeExclusively } from './exclusive-run.ts';
import type { ConformanceTarget, HostMigrationFault, ToldRule } from './target.ts';

/** The lab's own account of itself (lab.json), as much of it as is needed here. */
type LabState = {
  readonly folder: string;
  readonly credentialsFile: string;
  readonly sfcFlowsFile: string;
  readonly sfcJournalFile: string;
  readonly virtControlDir: string;
  readonly hosts: readonly string[];
  readonly up: boolean;
};

type Credentials = {
  readonly authUrl: string;
  readonly username: string;
  readonly password: string;
  readonly projectName: string;
  readonly regionName: string | undefined;
};

type Json = Readonly<Record<string, unknown>>;

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(from: Json, key: string): string {
  const value = from[key];
  if (typeof value !== 'string') throw new Error(`${key} is missing`);
  return value;
}

function jsonOf(text: string): Json {
  const value: unknown = JSON.parse(text);
  if (!isJson(value)) throw new Error('no JSON object');
  return value;
}

function labState(folder: string): LabState | null {
  const file = join(folder, 'lab.json');
  if (!existsSync(file)) return null;
  const lab = jsonOf(readFileSync(file, 'utf8'));
  const rows = (key: string) => (Array.isArray(lab[key]) ? lab[key].filter(isJson) : []);
  return {
    folder,
    credentialsFile: textOf(lab, 'credentialsFile'),
    sfcFlowsFile: textOf(lab, 'sfcFlowsFile'),
    sfcJournalFile: textOf(lab, 'sfcJournalFile'),
    virtControlDir: textOf(lab, 'virtControlDir'),
    hosts: rows('hosts').map((host) => textOf(host, 'name')),
    up: rows('services').every((service) => service.up === true),
  };
}

function credentialsOf(env: NodeJS.ProcessEnv, lab: LabState | null): Credentials | null {
  const file =
    lab !== null && existsSync(lab.credentialsFile)
      ? jsonOf(readFileSync(lab.credentialsFile, 'utf8'))
      : {};
  const pick = (name: string, key: string) => {
    const value = env[`SIDESTEP_LAB_${name}`] ?? file[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const [authUrl, password] = [pick('AUTH_URL', 'authUrl'), pick('PASSWORD', 'password')];
  if (authUrl === undefined || password === undefined) return null;
  return {
    authUrl,
    password,
    username: pick('USERNAME', 'username') ?? 'admin',
    projectName: pick('PROJECT_NAME', 'projectName') ?? 'admin',
    regionName: pick('REGION_NAME', 'regionName'),
  };
}

function toldRule(host: string, rule: Json): ToldRule {
  const hops = Array.isArray(rule.next_hops) ? rule.next_hops.filter(isJson) : [];
  const nullable = (key: string) => (typeof rule[key] === 'string' ? String(rule[key]) : null);
  return {
    host,
    nodeType: textOf(rule, 'node_type'),
    ingressPortId: nullable('ingress'),
    egressPortId: nullable('egress'),
    nextHopAddresses: hops.map((hop) => textOf(hop, 'local_endpoint')),
  };
}

async function linesOf(file: string): Promise<string[]> {
  const text = existsSync(file) ? await readFile(file, 'utf8') : '';
  return text.split('\n').filter((line) => line !== '');
}

/** The files in which the lab's agents note what Neutron tells them. */
function labFlows(lab: LabState): NonNullable<ConformanceTarget['flows']> {
  return {
    rules: async () => {
      const byHost = jsonOf(await readFile(lab.sfcFlowsFile, 'utf8'));
      return Object.entries(byHost).flatMap(([host, rules]) =>
        isJson(rules)
          ? Object.values(rules)
              .filter(isJson)
              .map((rule) => toldRule(host, rule))
          : [],
      );
    },
    // The lab gives its hosts 10.77.0.1, 10.77.0.2, … in their order.
    tunnelAddress: async (host) => `10.77.0.${lab.hosts.indexOf(host) + 1}`,
    watchEmptyHops: async ({ upstreamPortIds }) => {
      const seen = (await linesOf(lab.sfcJournalFile)).length;
      return async () =>
        (await linesOf(lab.sfcJournalFile)).slice(seen).flatMap((line) => {
          const { op, host, rule } = jsonOf(line);
          if (op !== 'update' || !isJson(rule)) return [];
          const told = toldRule(String(host), rule);
          const port = told.ingressPortId ?? told.egressPortId ?? '';
          return upstreamPortIds.has(port) && told.nextHopAddresses.length === 0 ? [told.host] : [];
        });
    },
  };
}

function controlOf(fault: HostMigrationFault | null): Json {
  if (fault === null) return {};
  if (fault.kind === 'precheck') return { lm_precheck_fail: fault.text };
  return fault.kind === 'hang' ? { lm_hang: true } : { lm_fail: true };
}

/** The real lab as a target, or the reason why there is none. */
export async function labTarget(
  env: NodeJS.ProcessEnv,
): Promise<{ readonly target: ConformanceTarget } | { readonly reason: string }> {
  const lab = labState(env.SIDESTEP_LAB ?? join(homedir(), '.cache', 'sidestep-lab'));
  const credentials = credentialsOf(env, lab);
  if (credentials === null) {
    return { reason: 'no lab: neither SIDESTEP_LAB_AUTH_URL and _PASSWORD nor a lab.json' };
  }
  if (lab?.up === false) return { reason: 'the lab is not up' };
  const connect = async () =>
    createOpenStack({
      authUrl: credentials.authUrl,
      ...(credentials.regionName === undefined ? {} : { region: credentials.regionName }),
      auth: {
        kind: 'password',
        username: credentials.username,
        password: credentials.password,
        projectName: credentials.projectName,
      },
      // A busy machine of two cores answers slowly.
      timeoutMs: 90_000,
    });
  try {
    await (await connect()).keystone.identity({ timeoutMs: 20_000 });
  } catch (error) {
    return { reason: `the lab does not answer: ${String(error)}` };
  }
  const listed = env.SIDESTEP_LAB_HOSTS?.split(',').filter((host) => host !== '');
  const target: ConformanceTarget = {
    name: 'the real lab',
    connect,
    hosts: listed ?? lab?.hosts ?? [],
    networkName: env.SIDESTEP_LAB_NETWORK ?? 'service',
    imageName: env.SIDESTEP_LAB_IMAGE ?? 'vnf',
    smallFlavorId: env.SIDESTEP_LAB_FLAVOR ?? 'vnf.small',
    pollMs: 1_000,
    settleWithinMs: 240_000,
  };
  if (lab === null) return { target };
  const taken = takeExclusively(join(lab.folder, 'conformance.lock'));
  if ('heldBy' in taken) return { reason: `the run of process ${taken.heldBy} has the lab` };
  return {
    target: {
      ...target,
      close: async () => taken.release(),
      flows: labFlows(lab),
      setMigrationFault: (host, fault) =>
        writeFile(join(lab.virtControlDir, `${host}.ctl.json`), JSON.stringify(controlOf(fault))),
    },
  };
}
