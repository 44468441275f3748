import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { z } from 'zod';

const common = {
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/),
  /** Ids or names of chains, or `*` for those that no other probe names. */
  chains: z.array(z.string().min(1)).min(1),
  timeoutMs: z.number().int().min(10).max(60_000).default(5_000),
};

const probe = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('http'),
    url: z.url({ protocol: /^https?$/ }),
    method: z.enum(['GET', 'HEAD']).default('GET'),
    /** Lowest and highest status that passes. */
    status: z
      .tuple([z.number().int().min(100).max(599), z.number().int().min(100).max(599)])
      .default([200, 299]),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('command'),
    /** The one program that may run, e.g. `/usr/bin/ping`; no shell is between. */
    file: z.string().refine(isAbsolute, 'must be an absolute path'),
    /** An argument that is `{chainId}` becomes the port chain's id. */
    args: z.array(z.string().max(4_096)).max(64).default([]),
  }),
]);

const schema = z.strictObject({ probes: z.array(probe) }).superRefine(({ probes }, context) => {
  const names = probes.map(({ name }) => name);
  const targets = probes.flatMap(({ chains }) => chains);
  for (const all of [names, targets]) {
    const twice = all.find((each, index) => all.indexOf(each) !== index);
    if (twice !== undefined)
      context.addIssue({ code: 'custom', message: `${twice} occurs more than once` });
  }
});

/** A probe as the operator allows it. */
export type ProbeSetting = z.output<typeof probe>;

/** A setting whose value is a JSON file: `{"probes":[{"name","kind","chains",…}]}`. */
export function probesFile() {
  return z.string().transform((path, context): readonly ProbeSetting[] => {
    try {
      return schema.parse(JSON.parse(readFileSync(path, 'utf8'))).probes;
    } catch (error) {
      const why =
        error instanceof z.ZodError
          ? error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`).join('; ')
          : 'it cannot be read as JSON';
      context.addIssue({ code: 'custom', message: `is no file of probes: ${path}: ${why}` });
      return z.NEVER;
    }
  });
}
