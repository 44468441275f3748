import { readFileSync } from 'node:fs';
import { openApiDocument } from '@sidestep/contracts';
import { contractOperations } from '@sidestep/service-kit';
import { expect, test } from 'vitest';

const page = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8');
const document = openApiDocument('migration');

test('every call that the page tells of is in the contract', () => {
  const told = [...page.matchAll(/\b(GET|PUT|POST|DELETE) (\/[\w/{}-]+)/g)].map(
    ([, method = '', path = '']) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`,
  );
  const known = contractOperations(document).map(
    ({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '{}')}`,
  );

  expect(told.length).toBeGreaterThan(15);
  expect(told.filter((call) => !known.includes(call))).toEqual([]);
});

test('every guardrail has its line', () => {
  const { GuardrailName } = document.components.schemas as { GuardrailName: { enum: string[] } };

  expect(GuardrailName.enum.length).toBeGreaterThan(5);
  expect(GuardrailName.enum.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
