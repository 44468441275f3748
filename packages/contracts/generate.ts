/**
 * Makes, from the hand-written documents in openapi/, what code and processes use: one bundled JSON document and one
 * file of types a service. `--check` writes nothing and fails where that would change a file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';
import { bundle } from './src/bundle.ts';
import { serviceNames } from './src/service-names.ts';

const here = (path: string) => new URL(path, import.meta.url);
const read = (path: string): string | undefined => {
  try {
    return readFileSync(here(path), 'utf8');
  } catch {
    return undefined;
  }
};

const checking = process.argv.includes('--check');
const stale: string[] = [];

const emit = (path: string, text: string) => {
  if (read(path) === text) return;
  if (checking) stale.push(path);
  else writeFileSync(here(path), text);
};

const common = readFileSync(here('openapi/common.yaml'), 'utf8');
for (const name of serviceNames) {
  const document = bundle(readFileSync(here(`openapi/${name}.yaml`), 'utf8'), common);
  const json = JSON.stringify(document, null, 1);
  emit(`src/generated/${name}.json`, `${json}\n`);
  const types = astToString(
    await openapiTS(json, { alphabetize: false, defaultNonNullable: false }),
  );
  emit(
    `src/generated/${name}.ts`,
    `// Generated from openapi/${name}.yaml by generate.ts; not edited by hand.\n\n${types}`,
  );
}

if (stale.length > 0) {
  process.stderr.write(
    `contracts: generated files are out of date (run "pnpm contracts"): ${stale.join(', ')}\n`,
  );
  process.exitCode = 1;
}
