import { ProblemError } from '@sidestep/service-kit';
import { z } from 'zod';
import type { InfluxGeneration } from './generations.ts';

/** One series of an InfluxQL answer. */
export interface InfluxSeries {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (string | number | boolean | null)[])[];
}

/** Where an InfluxDB answers, and by what name. */
export interface InfluxOptions {
  /** e.g. http://127.0.0.1:8086 */
  readonly url: string;
  /** 1.x, 3: the database; 2.x: the database that the bucket is mapped to. */
  readonly database: string;
  /** Default 1.x. */
  readonly generation?: InfluxGeneration;
  /** 2.x, 3: a token. */
  readonly token?: string;
  /** With a password: 1.x with authentication; 2.x and 3 by their compatible interface. */
  readonly username?: string;
  readonly password?: string;
  readonly timeoutMs?: number;
}

const MAX_REASON_LENGTH = 500;

/** InfluxDB did not answer, or answered with an error. */
export class InfluxError extends ProblemError {
  override readonly name = 'InfluxError';

  constructor(detail: string, options: { cause?: unknown } = {}) {
    super('UNAVAILABLE', detail, options);
  }
}

// Of 3 Core, whose limit is one of files; how many hours that is depends on how the data came in.
const FILE_LIMIT = /exceed file limit/i;

export const influxHeaders = ({
  token,
  username,
  password,
}: InfluxOptions): Record<string, string> => {
  if (token !== undefined) return { authorization: `Token ${token}` };
  if (username === undefined) return {};
  const credentials = Buffer.from(`${username}:${password ?? ''}`).toString('base64');
  return { authorization: `Basic ${credentials}` };
};

const addressOf = ({ url }: InfluxOptions, path: string): URL =>
  new URL(path, url.endsWith('/') ? url : `${url}/`);

const ask = (options: InfluxOptions, target: URL, request: RequestInit = {}): Promise<Response> =>
  fetch(target, {
    ...request,
    headers: influxHeaders(options),
    signal: AbortSignal.timeout(options.timeoutMs ?? 10_000),
  }).catch((error: unknown) => {
    throw new InfluxError(`InfluxDB did not answer: ${reasonOf(error)}`, { cause: error });
  });

/**
 * InfluxQL over /query, which 1.x, 2.x and 3 Core answer. Texts stand in the statement, quoted: the compatible interfaces of 2.x
 * and 3 know no bound parameters.
 */
export function influxQuery(options: InfluxOptions) {
  return async (query: string, method: 'GET' | 'POST' = 'GET'): Promise<InfluxSeries[]> => {
    const form = new URLSearchParams({ db: options.database, q: query, epoch: 'ms' });
    const target = addressOf(options, 'query');
    if (method === 'GET') target.search = form.toString();
    const request = method === 'POST' ? { method, body: form } : {};
    const response = await ask(options, target, request);
    const text = await response.text().catch((error: unknown) => {
      throw new InfluxError(`InfluxDB broke off: ${reasonOf(error)}`, { cause: error });
    });
    return readInfluxAnswer(response.status, text);
  };
}

export type InfluxQuery = ReturnType<typeof influxQuery>;

/** The version that answers, e.g. `1.6.7` (header X-Influxdb-Version of /ping); undefined where it does not tell. */
export async function influxVersion(options: InfluxOptions): Promise<string | undefined> {
  const response = await ask(options, addressOf(options, 'ping'));
  await response.body?.cancel();
  const version = response.headers.get('x-influxdb-version')?.replace(/^v/, '');
  return version === undefined || version === '' ? undefined : version;
}

const isCell = (cell: unknown): boolean => cell === null || typeof cell !== 'object';

// By hand: an answer may hold millions of rows.
const rows = z.custom<InfluxSeries['values']>(
  (values) =>
    Array.isArray(values) && values.every((row) => Array.isArray(row) && row.every(isCell)),
);

const answerShape = z.object({
  error: z.string().optional(),
  results: z
    .array(
      z.object({
        error: z.string().optional(),
        series: z
          .array(
            z.object({
              name: z.string(),
              tags: z.record(z.string(), z.string()).optional(),
              columns: z.array(z.string()),
              values: rows.optional(),
            }),
          )
          .optional(),
      }),
    )
    .optional(),
});

/** The series of an answer's text; anything but a good answer is thrown as a problem. */
export function readInfluxAnswer(status: number, text: string): InfluxSeries[] {
  const refuse = (why: string): never => {
    throw new InfluxError(`InfluxDB answered ${status}: ${why.slice(0, MAX_REASON_LENGTH)}`);
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse('no JSON');
  }
  const { data: answer } = answerShape.safeParse(json);
  if (answer === undefined) return refuse('not in the form of a query’s answer');
  const fault = answer.error ?? answer.results?.find((result) => result.error)?.error;
  if (fault !== undefined && FILE_LIMIT.test(fault)) {
    const detail = 'InfluxDB would have to read too many files: ask for a shorter time';
    throw new ProblemError('QUERY_TOO_LARGE', detail);
  }
  if (fault !== undefined || status < 200 || status > 299) return refuse(fault ?? 'no reason');
  const series = (answer.results ?? []).flatMap((result) => result.series ?? []);
  return series.map(({ name, tags, columns, values }) => {
    if (values?.some((row) => row.length !== columns.length)) refuse('rows of another width');
    return { name, tags: tags ?? {}, columns, values: values ?? [] };
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
