import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { roles } from './auth.ts';

/** Every fault of the settings at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly string[];
  constructor(faults: string[]) {
    super(`The settings are not usable:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

/** The environment read by a schema whose keys are variables' names; frozen. A malformed setting never becomes its default. */
export function readConfig<Schema extends z.ZodObject>(
  schema: Schema,
  env: Record<string, string | undefined>,
): Readonly<z.output<Schema>> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).map((name) => [name, env[name] === '' ? undefined : env[name]]),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data);
  // zod's messages name what was expected; the value itself may be a secret and is not repeated.
  throw new ConfigError(
    parsed.error.issues.map((issue) => `${issue.path.join('.') || '(settings)'}: ${issue.message}`),
  );
}

const numeric = (kind: string) =>
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/, `must be ${kind}`)
    .transform(Number);

/** Building blocks of the services' settings. */
export const setting = {
  text: () => z.string().min(1),
  integer: (min: number, max: number) =>
    numeric('a whole number').pipe(z.number().int().min(min).max(max)),
  number: (min: number, max: number) => numeric('a number').pipe(z.number().min(min).max(max)),
  port: () => numeric('a port number').pipe(z.number().int().min(0).max(65535)),
  url: () => z.url({ protocol: /^https?$/, error: 'must be an http or https address' }),
  redisUrl: () => z.url({ protocol: /^rediss?$/, error: 'must be a redis address' }),
  flag: () => z.enum(['true', 'false']).transform((text) => text === 'true'),
  list: () =>
    z.string().transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    ),
  /** A secret's file; the setting's value is its content, trimmed. */
  secretFile: () =>
    z.string().transform((path, context) => {
      try {
        return readFileSync(path, 'utf8').trim();
      } catch {
        context.addIssue({ code: 'custom', message: `cannot read the file ${path}` });
        return z.NEVER;
      }
    }),
  /** A JSON file of accepted tokens: `[{"name","role","sha256"}]`. */
  tokensFile: () =>
    z.string().transform((path, context) => {
      try {
        return tokenEntries.parse(JSON.parse(readFileSync(path, 'utf8')));
      } catch {
        context.addIssue({
          code: 'custom',
          message: `is no list of {name, role, sha256}: ${path}`,
        });
        return z.NEVER;
      }
    }),
};

const tokenEntries = z.array(
  z.strictObject({
    name: z.string().min(1),
    role: z.enum(roles),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
);

/** The settings that every service has, to be spread into its own. */
export const commonSettings = {
  SIDESTEP_BIND: setting.text().default('127.0.0.1'),
  SIDESTEP_BASE_PATH: z
    .string()
    .regex(/^(\/[A-Za-z0-9._~-]+)*$/, 'must be empty or like /prefix')
    .default(''),
  SIDESTEP_DATA_DIR: setting.text(),
  SIDESTEP_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info'),
  SIDESTEP_REDIS_URL: setting.redisUrl().default('redis://127.0.0.1:6379'),
  /** What the names of its queues begin with: services of one Sidestep share it, and no other Sidestep on the same Redis. */
  SIDESTEP_QUEUE_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be 1 to 100 letters, digits, ".", "_" or "-"')
    .default('bull'),
  /** Accepted tokens. */
  SIDESTEP_TOKENS_FILE: setting.tokensFile(),
  /** The token that this service shows to the others. */
  SIDESTEP_SERVICE_TOKEN_FILE: setting.secretFile(),
  /** Put into Swagger UI's "Authorize"; for demos, where the page and the token are on one machine. */
  SIDESTEP_DOCS_TOKEN_FILE: setting.secretFile().optional(),
};
