import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const sources = [
  'packages/service-kit/src/config.ts',
  'packages/service-kit/src/openstack-settings.ts',
  'services/monitoring/src/config.ts',
  'services/prediction/src/config.ts',
  'services/migration/src/config.ts',
  'services/nfvo/src/config.ts',
];
const inCode = sources.flatMap((path) =>
  [...textOf(path).matchAll(/^ +((?:SIDESTEP|OS)_[A-Z0-9_]+):/gm)].map(([, name = '']) => name),
);
const page = textOf('docs/settings.md');

test('every setting has its line', () => {
  expect(inCode.length).toBeGreaterThan(120);
  expect(inCode.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test('no setting is told of that nobody reads', () => {
  const told = [...page.matchAll(/`((?:SIDESTEP|OS)_[A-Z0-9_]+)`/g)].map(([, name = '']) => name);

  expect(told.filter((name) => !inCode.includes(name))).toEqual([]);
});

test.each([
  'services/monitoring/src/config.ts',
  'services/prediction/src/config.ts',
  'services/migration/src/config.ts',
])('defaults of numbers in %s stand in its line', (path) => {
  const defaults = [
    ...textOf(path).matchAll(
      /^ +(SIDESTEP_[A-Z0-9_]+): (?:setting\s*\.\w+|duration)\([^)]*\)\s*\.default\((\d[\d_]*)\),$/gm,
    ),
  ].map(([, name = '', value = '']) => ({ name, value: value.replaceAll('_', '') }));
  // A setting of several services has a line in the part of each.
  const linesOf = (name: string) => page.split('\n').filter((line) => line.includes(`\`${name}\``));

  expect(defaults.length).toBeGreaterThan(10);
  expect(
    defaults.filter(({ name, value }) => !linesOf(name).some((line) => line.includes(value))),
  ).toEqual([]);
});
