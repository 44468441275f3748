import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const read = (name: string): string =>
  readFileSync(new URL(`../../deploy/collectd/${name}`, import.meta.url), 'utf8');

/** What cloud-init writes in a VNF. */
interface UserData {
  readonly packages: readonly string[];
  readonly write_files: readonly { readonly path: string; readonly content: string }[];
  readonly runcmd: readonly string[];
}

export const userData: UserData = parse(read('cloud-init.yaml'));

/** The configurations that are shipped, by name. */
export const collectdConfigs = {
  host: read('host.conf'),
  vnf: read('vnf.conf'),
  'cloud-init': userData.write_files[0]?.content ?? '',
} as const;

/** What a configuration says, without comments, empty lines and indents. */
export const directivesOf = (config: string): string[] =>
  config
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
