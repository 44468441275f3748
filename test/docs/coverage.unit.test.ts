import { existsSync, readFileSync } from 'node:fs';
import { openApiDocument, serviceNames } from '@sidestep/contracts';
import { contractOperations } from '@sidestep/service-kit';
import { expect, test } from 'vitest';

const inRoot = (path: string) => new URL(`../../${path}`, import.meta.url);
const page = readFileSync(inRoot('docs/coverage.md'), 'utf8');
const named = [...page.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');

const operations = serviceNames.flatMap((service) =>
  contractOperations(openApiDocument(service)).map(
    (operation) => `${service}.${operation.operationId}`,
  ),
);
/** What every service has is named once. */
const ofEveryService = ['getHealth', 'getReady', 'getCapabilities', 'getMetrics'];

test('every operation that the page names is in a contract', () => {
  const claimed = named.filter((name) =>
    /^(monitoring|prediction|migration|nfvo)\.[a-z]\w+$/i.test(name),
  );

  expect(claimed.filter((name) => !operations.includes(name))).toEqual([]);
});

test('every operation of a contract is on the page', () => {
  const missing = operations.filter(
    (name) => !named.includes(name) && !ofEveryService.includes(name.split('.')[1] ?? ''),
  );

  expect(missing).toEqual([]);
});

test('every file that the page names is there', () => {
  const files = named.filter((name) => /^[\w.-]+\/[\w./-]+\.\w+$/.test(name));

  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((name) => !existsSync(inRoot(name)))).toEqual([]);
});
