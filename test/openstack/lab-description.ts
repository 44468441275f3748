import { readFileSync } from 'node:fs';

/** A host of the lab; `tunnelIp` is its address in flow rules. */
export interface LabHost {
  name: string;
  tunnelIp: string;
  state: string;
  agentAlive: boolean;
  /** Of its nova-compute; undefined while that is dead. */
  computePid: number | undefined;
}

/** A server of the lab; ports by what they are for: `ingress` and `egress` of a VNF, `client` of an end of a chain. */
export interface LabServer {
  id: string;
  name: string;
  status: string;
  host: string;
  ports: Readonly<Record<string, string>>;
}

/** What `lab.sh status` wrote: where things are in the lab. */
export interface LabDescription {
  authUrl: string;
  regionName: string;
  credentialsFile: string;
  sfcFlowsFile: string;
  sfcJournalFile: string;
  virtControlDir: string;
  agentsDownFile: string;
  services: readonly { name: string; pid: number | undefined }[];
  hosts: readonly LabHost[];
  servers: readonly LabServer[];
}

/** Reads lab.json; a fault names the field. */
export function parseLabDescription(text: string): LabDescription {
  const lab = record(JSON.parse(text), 'lab');
  return {
    authUrl: string(lab, 'authUrl'),
    regionName: string(lab, 'regionName'),
    credentialsFile: string(lab, 'credentialsFile'),
    sfcFlowsFile: string(lab, 'sfcFlowsFile'),
    sfcJournalFile: string(lab, 'sfcJournalFile'),
    virtControlDir: string(lab, 'virtControlDir'),
    agentsDownFile: string(lab, 'agentsDownFile'),
    services: list(lab, 'services').map((service) => ({
      name: string(service, 'name'),
      pid: pid(service, 'pid'),
    })),
    hosts: list(lab, 'hosts').map((host) => ({
      name: string(host, 'name'),
      tunnelIp: string(host, 'tunnelIp'),
      state: string(host, 'state'),
      agentAlive: host.agentAlive === true,
      computePid: pid(host, 'computePid'),
    })),
    servers: list(lab, 'servers').map((server) => ({
      id: string(server, 'id'),
      name: string(server, 'name'),
      status: string(server, 'status'),
      host: string(server, 'host'),
      ports: strings(server, 'ports'),
    })),
  };
}

/** An account of the lab, as its credentials file has it. */
export interface LabCredentials {
  authUrl: string;
  username: string;
  password: string;
  projectName: string;
  userDomainName: string;
  projectDomainName: string;
  regionName: string;
}

/** Reads the credentials file (mode 0600, so root's). */
export function readCredentials(file: string): LabCredentials {
  const account = record(JSON.parse(readFileSync(file, 'utf8')), 'credentials');
  return {
    authUrl: string(account, 'authUrl'),
    username: string(account, 'username'),
    password: string(account, 'password'),
    projectName: string(account, 'projectName'),
    userDomainName: string(account, 'userDomainName'),
    projectDomainName: string(account, 'projectDomainName'),
    regionName: string(account, 'regionName'),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function record(value: unknown, name: string): Fields {
  if (!isRecord(value)) throw new TypeError(`${name} is not an object`);
  return value;
}

function string(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new TypeError(`${name} is not a string`);
  return value;
}

function list(fields: Fields, name: string): Fields[] {
  const value = fields[name];
  if (!Array.isArray(value)) throw new TypeError(`${name} is not a list`);
  return value.map((item) => record(item, `an item of ${name}`));
}

function strings(fields: Fields, name: string): Record<string, string> {
  const inner = record(fields[name], name);
  return Object.fromEntries(Object.keys(inner).map((key) => [key, string(inner, key)]));
}

function pid(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' ? value : undefined;
}

/** A server of the lab by its name. */
export function serverOf({ servers }: LabDescription, name: string): LabServer {
  const server = servers.find((each) => each.name === name);
  if (server === undefined) throw new Error(`the lab has no server ${name}`);
  return server;
}
