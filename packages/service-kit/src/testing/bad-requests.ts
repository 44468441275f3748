import type { OpenApiDocument } from '@sidestep/contracts';
import { contractOperations } from '../contract-operations.ts';

/** A request that breaks one constraint of a contract and no other. */
export type BadRequest = {
  operationId: string;
  /** Which constraint, and where. */
  why: string;
  method: string;
  /** Path with its query, parameters filled in. */
  path: string;
  body: unknown;
};

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Schema = { [name: string]: unknown };
type Bad = { why: string; value: unknown };
type Parameter = Schema & {
  name: string;
  in: string;
  required?: boolean;
  schema: Schema;
  example?: Json;
};

const MAX_ITEMS_TRIED = 20_000;

/**
 * For each constraint on a parameter or body of a contract a request that breaks it: what a service has to refuse with 400.
 * The other values are the contract's own examples; where a required one has none, the operation's requests are left out.
 */
export function badRequests(document: OpenApiDocument): BadRequest[] {
  return contractOperations(document).flatMap(({ operationId, method, path }) => {
    const item: Schema = document.paths[path] ?? {};
    const operation = (item[method] ?? {}) as Schema;
    // Headers are left out: a request here is a path and a body.
    const parameters = [...listOf<Schema>(item.parameters), ...listOf<Schema>(operation.parameters)]
      .map((each) => resolve(document, each) as Parameter)
      .filter((each) => each.in !== 'header');
    const media = mediaOf(document, operation);
    const body = media === undefined ? undefined : exampleOf(media);
    const valid = new Map(parameters.map((each) => [each, validValue(document, each)]));
    const missing = parameters.some((each) => each.required && valid.get(each) === undefined);
    if (missing || (media !== undefined && body === undefined)) return [];

    const request = (why: string, over: Map<Parameter, unknown>, newBody: unknown): BadRequest => ({
      operationId,
      why,
      method: method.toUpperCase(),
      path: fill(path, parameters, new Map([...valid, ...over])),
      body: newBody,
    });
    const ofParameters = parameters.flatMap((each) =>
      (each.in === 'path' ? badTexts : badParameters)(document, each).map(({ why, value }) =>
        request(`${each.in} ${each.name}: ${why}`, new Map([[each, value]]), body),
      ),
    );
    const unknown = { name: 'unknownParameter', in: 'query', schema: {} };
    const ofQuery = request(
      'query: a parameter that there is not',
      new Map([[unknown, 'x']]),
      body,
    );
    const ofBody =
      media === undefined
        ? []
        : badValues(document, media.schema as Schema, body as Json).map(({ why, value }) =>
            request(`body${why}`, new Map(), value),
          );
    return [
      ...ofParameters,
      {
        ...ofQuery,
        path: `${ofQuery.path}${ofQuery.path.includes('?') ? '&' : '?'}unknownParameter=x`,
      },
      ...ofBody,
    ];
  });
}

const listOf = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);

function resolve(document: OpenApiDocument, schema: Schema): Schema {
  const reference = schema.$ref;
  if (typeof reference !== 'string') return schema;
  let found: unknown = document;
  for (const name of reference.slice(2).split('/')) found = (found as Schema)[name];
  return resolve(document, found as Schema);
}

function mediaOf(document: OpenApiDocument, operation: Schema): Schema | undefined {
  if (operation.requestBody === undefined) return undefined;
  const body = resolve(document, operation.requestBody as Schema);
  return (body.content as Record<string, Schema>)['application/json'];
}

function exampleOf(media: Schema): Json | undefined {
  if (media.example !== undefined) return media.example as Json;
  const [first] = Object.values((media.examples ?? {}) as Record<string, { value: Json }>);
  return first?.value;
}

function validValue(document: OpenApiDocument, parameter: Parameter): unknown {
  if (parameter.example !== undefined) return parameter.example;
  const schema = resolve(document, parameter.schema);
  const examples = listOf<unknown>(schema.examples);
  if (examples.length > 0) return examples[0];
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (!parameter.required) return undefined;
  return typeof schema.pattern === 'string' ? matching(schema.pattern) : undefined;
}

/** A text for the patterns of ids, tried out. */
function matching(pattern: string): string | undefined {
  return ['x1', 'abcdef0123456789', '00000000-0000-4000-8000-000000000000', '1'].find((text) =>
    new RegExp(pattern, 'u').test(text),
  );
}

function fill(path: string, parameters: Parameter[], values: Map<Parameter, unknown>): string {
  let filled = path;
  const query = new URLSearchParams();
  for (const each of parameters) {
    const value = values.get(each);
    if (value === undefined) continue;
    if (each.in === 'path')
      filled = filled.replace(`{${each.name}}`, encodeURIComponent(String(value)));
    else if (each.in === 'query') query.set(each.name, String(value));
  }
  return query.size === 0 ? filled : `${filled}?${query}`;
}

/** Bad values that are still a text when they stand in an address. */
function badTexts(document: OpenApiDocument, parameter: Parameter): Bad[] {
  return badValues(document, parameter.schema, 'x1').filter(
    ({ value }) => typeof value === 'string' && value !== '',
  );
}

function badParameters(document: OpenApiDocument, parameter: Parameter): Bad[] {
  const schema = resolve(document, parameter.schema);
  const isText = schema.type === 'string';
  const bad = badValues(document, schema, 'x1').filter(
    // In an address every number is a text as well.
    ({ value }) => (isText ? typeof value === 'string' : typeof value !== 'object'),
  );
  return parameter.required ? [{ why: 'is missing', value: undefined }, ...bad] : bad;
}

/** For each constraint of a schema a value that breaks it; `valid` keeps all of them. */
function badValues(document: OpenApiDocument, given: Schema, valid: Json): Bad[] {
  const schema = resolve(document, given);
  const types = listOf<string>(Array.isArray(schema.type) ? schema.type : [schema.type]);
  const bad: Bad[] = [];
  const add = (why: string, value: unknown) => bad.push({ why: ` ${why}`, value });
  if (Array.isArray(schema.enum)) add('is not one of the values', 'no-such-value');
  if (types.includes('string')) {
    add('is no text', 42);
    if (typeof schema.pattern === 'string') add('does not match', '?!');
    if (typeof schema.minLength === 'number' && schema.minLength > 0) add('is too short', '');
    if (typeof schema.maxLength === 'number') add('is too long', 'a'.repeat(schema.maxLength + 1));
    if (schema.format === 'date-time') add('is no time', 'yesterday');
  }
  if (types.includes('number') || types.includes('integer')) {
    add('is no number', 'a lot');
    if (types.includes('integer')) add('is not whole', 1.5);
    if (typeof schema.minimum === 'number') add('is too small', schema.minimum - 1);
    if (typeof schema.maximum === 'number') add('is too large', schema.maximum + 1);
    if (typeof schema.exclusiveMinimum === 'number') add('is too small', schema.exclusiveMinimum);
  }
  if (types.includes('boolean')) add('is neither true nor false', 'maybe');
  if (types.includes('array') && Array.isArray(valid))
    bad.push(...badArrays(document, schema, valid));
  if (types.includes('object') && isObject(valid)) bad.push(...badObjects(document, schema, valid));
  return bad;
}

const isObject = (value: Json): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function badArrays(document: OpenApiDocument, schema: Schema, valid: Json[]): Bad[] {
  const bad: Bad[] = [{ why: ' is no list', value: {} }];
  const [first = null] = valid;
  if (typeof schema.minItems === 'number') bad.push({ why: ' is empty', value: [] });
  if (typeof schema.maxItems === 'number' && schema.maxItems < MAX_ITEMS_TRIED) {
    bad.push({ why: ' has too many', value: Array(schema.maxItems + 1).fill(first) });
  }
  const ofItems = badValues(document, schema.items as Schema, first);
  return [...bad, ...ofItems.map(({ why, value }) => ({ why: `/0${why}`, value: [value] }))];
}

function badObjects(
  document: OpenApiDocument,
  schema: Schema,
  valid: { [name: string]: Json },
): Bad[] {
  const bad: Bad[] = [{ why: ' is no object', value: [] }];
  for (const name of listOf<string>(schema.required)) {
    const { [name]: _left, ...rest } = valid;
    bad.push({ why: `/${name} is missing`, value: rest });
  }
  if (schema.additionalProperties === false) {
    bad.push({ why: ' has an unknown field', value: { ...valid, unknownField: 1 } });
  }
  for (const [name, property] of Object.entries(
    (schema.properties ?? {}) as Record<string, Schema>,
  )) {
    for (const { why, value } of badValues(document, property, valid[name] ?? null)) {
      bad.push({ why: `/${name}${why}`, value: { ...valid, [name]: value } });
    }
  }
  return bad;
}
