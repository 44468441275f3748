import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { bundle, type OpenApiDocument } from '../src/bundle.ts';
import { openApiDocument } from '../src/document.ts';
import { serviceNames } from '../src/service-names.ts';

type Json = Record<string, unknown>;
type Content = { schema: Json; example?: unknown; examples?: Record<string, { value: unknown }> };
type Operation = {
  operationId: string;
  tags?: string[];
  summary?: string;
  security?: unknown[];
  parameters?: { name?: string; in?: string; required?: boolean; example?: unknown }[];
  'x-role'?: string;
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { $ref?: string; content?: Record<string, Content> }>;
};

const methods = ['get', 'put', 'post', 'delete', 'patch'];

function operationsOf(document: OpenApiDocument): Operation[] {
  return Object.values(document.paths).flatMap((item) =>
    Object.entries<unknown>(item).flatMap(([method, operation]) =>
      methods.includes(method) ? [operation as Operation] : [],
    ),
  );
}

describe.each(serviceNames)('the document of %s', (service) => {
  const document = openApiDocument(service);
  const operations = operationsOf(document);

  test('every schema compiles in strict mode, so a misspelt keyword breaks the build', () => {
    const ajv = strictAjv(document);

    for (const name of Object.keys(document.components.schemas ?? {})) {
      expect(
        () => ajv.compile({ $ref: `contract#/components/schemas/${name}` }),
        name,
      ).not.toThrow();
    }
  });

  test('every example is valid by its own schema', () => {
    const ajv = strictAjv(document);
    const faults: string[] = [];

    for (const operation of operations) {
      for (const [content, where] of contentsOf(operation)) {
        for (const value of examplesOf(content)) {
          const validate = ajv.compile(withAbsoluteRefs(content.schema));
          if (!validate(value))
            faults.push(`${operation.operationId} ${where}: ${ajv.errorsText(validate.errors)}`);
        }
      }
    }

    expect(faults).toEqual([]);
  });

  test('every request body has an example to try', () => {
    const without = operations
      .filter((operation) => operation.requestBody)
      .filter((operation) =>
        Object.values(operation.requestBody?.content ?? {}).some((c) => examplesOf(c).length === 0),
      );

    expect(without.map((operation) => operation.operationId)).toEqual([]);
  });

  test('no filter by one thing or a time shows an example: Swagger UI would fill it in, and the list come out empty', () => {
    const hiding = operations.flatMap(({ operationId, parameters = [] }) =>
      parameters
        .filter((each) => each.in === 'query' && each.required !== true)
        .filter((each) => each.example !== undefined && /(Id|Since)$/.test(each.name ?? ''))
        .map((each) => `${operationId} ${each.name}`),
    );

    expect(hiding).toEqual([]);
  });

  test('every operation has a name of its own, a tag, a summary, a role and a problem to answer', () => {
    const names = operations.map((operation) => operation.operationId);

    expect(new Set(names).size).toBe(names.length);
    for (const operation of operations) {
      expect(operation.tags, operation.operationId).toHaveLength(1);
      expect(operation.summary, operation.operationId).toBeTruthy();
      expect(operation['x-role'] ?? operation.security, operation.operationId).toBeDefined();
      expect(operation.responses.default, operation.operationId).toEqual({
        $ref: '#/components/responses/Problem',
      });
    }
  });

  test('a request body refuses unknown fields', () => {
    const lax = operations.flatMap((operation) =>
      Object.values(operation.requestBody?.content ?? {}).flatMap(({ schema }) => {
        const resolved = resolve(document, schema);
        return resolved.type === 'object' && resolved.additionalProperties !== false
          ? [operation.operationId]
          : [];
      }),
    );

    expect(lax).toEqual([]);
  });
});

test('a component that a service and the common document both have is a fault', () => {
  const common = readFileSync(new URL('../openapi/common.yaml', import.meta.url), 'utf8');
  const service =
    'openapi: 3.1.0\npaths: {}\ncomponents: { schemas: { Problem: { type: object } } }\n';

  expect(() => bundle(service, common)).toThrow(/components\/schemas.*Problem/);
});

function strictAjv(document: OpenApiDocument) {
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    allErrors: true,
  });
  addFormats.default(ajv);
  ajv.addKeyword('components');
  ajv.addSchema({ $id: 'contract', components: document.components });
  return ajv;
}

function contentsOf(operation: Operation): [Content, string][] {
  const request = Object.values(operation.requestBody?.content ?? {}).map(
    (c): [Content, string] => [c, 'request'],
  );
  const responses = Object.entries(operation.responses).flatMap(([status, response]) =>
    Object.values(response.content ?? {}).map((c): [Content, string] => [c, status]),
  );
  return [...request, ...responses];
}

function examplesOf(content: Content): unknown[] {
  return [
    ...('example' in content ? [content.example] : []),
    ...Object.values(content.examples ?? {}).map((example) => example.value),
  ];
}

function withAbsoluteRefs(schema: Json): Json {
  return JSON.parse(
    JSON.stringify(schema).replaceAll('"#/components', '"contract#/components'),
  ) as Json;
}

function resolve(document: OpenApiDocument, schema: Json): Json {
  if (typeof schema.$ref !== 'string') return schema;
  const name = schema.$ref.split('/').at(-1) ?? '';
  return resolve(document, (document.components.schemas?.[name] ?? {}) as Json);
}
