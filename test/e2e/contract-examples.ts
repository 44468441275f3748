import type { OpenApiDocument } from '@sidestep/contracts';

/** A request as the contract shows it. */
export type ExampleRequest = {
  operationId: string;
  method: string;
  /** With its query; the contract's own ids in it. */
  path: string;
  /** Media type and text; null without a body. */
  body: { type: string; text: string } | null;
};

type Node = { [name: string]: unknown };

const methods = ['get', 'post', 'put', 'delete'] as const;

/** Each operation of a contract with the values of its examples, reads first and deletes last. */
export function exampleRequests(document: OpenApiDocument): ExampleRequest[] {
  const requests = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = nodeOf(nodeOf(item)[method]);
      if (operation.operationId === undefined) return [];
      const parameters = [...listOf(nodeOf(item).parameters), ...listOf(operation.parameters)].map(
        (each) => resolved(document, each),
      );
      return bodiesOf(document, operation).map((body) => ({
        operationId: String(operation.operationId),
        method: method.toUpperCase(),
        path: filled(document, path, parameters),
        body,
      }));
    }),
  );
  const rank = ({ method }: ExampleRequest) => ['GET', 'POST', 'PUT', 'DELETE'].indexOf(method);
  return requests.toSorted((a, b) => rank(a) - rank(b));
}

function bodiesOf(document: OpenApiDocument, operation: Node): ExampleRequest['body'][] {
  if (operation.requestBody === undefined) return [null];
  const content = nodeOf(resolved(document, operation.requestBody).content);
  return Object.entries(content).flatMap(([type, media]) => {
    const { example, examples } = nodeOf(media);
    const values =
      example === undefined
        ? Object.values(nodeOf(examples)).map((each) => nodeOf(each).value)
        : [example];
    return values.map((value) => ({
      type,
      text: typeof value === 'string' && !type.includes('json') ? value : JSON.stringify(value),
    }));
  });
}

function filled(document: OpenApiDocument, path: string, parameters: readonly Node[]): string {
  let address = path;
  const query = new URLSearchParams();
  for (const parameter of parameters) {
    const value = shownFor(document, parameter);
    const name = String(parameter.name);
    if (parameter.in === 'path') address = address.replace(`{${name}}`, String(value));
    else if (parameter.in === 'query' && value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? address : `${address}?${query}`;
}

/** What the contract shows for a parameter; an optional one that shows nothing is left out. */
function shownFor(document: OpenApiDocument, parameter: Node): unknown {
  if (parameter.example !== undefined) return parameter.example;
  const schema = resolved(document, parameter.schema);
  const [shown = schema.example] = listOf(schema.examples);
  if (shown !== undefined || parameter.required !== true) return shown;
  const pattern = new RegExp(typeof schema.pattern === 'string' ? schema.pattern : '', 'u');
  // An id of a form that the contract names: nothing bears it.
  return listOf(schema.enum)[0] ?? ['compute1', 'a'.repeat(32)].find((id) => pattern.test(id));
}

function resolved(document: OpenApiDocument, value: unknown): Node {
  const node = nodeOf(value);
  if (typeof node.$ref !== 'string') return node;
  const target = node.$ref
    .slice(2)
    .split('/')
    .reduce((found: unknown, name) => nodeOf(found)[name], document);
  return resolved(document, target);
}

function nodeOf(value: unknown): Node {
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
