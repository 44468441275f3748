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
  /** 1.x: the database; 2.x and 3: the bucket that the database name is mapped to. */
  readonly database: string;
  /** 2.x, 3: a token. */
  readonly token?: string;
  /** 1.x with authentication. */
  readonly username?: string;
  readonly password?: string;
  readonly timeoutMs?: number;
}

/** InfluxDB did not answer, or answered with an error. */
export class InfluxError extends Error {
  override readonly name = 'InfluxError';
}

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

/** InfluxQL over /query, which 1.x, 2.x and 3 Core answer; values travel as bound parameters. */
export function influxQuery(options: InfluxOptions) {
  const url = new URL('query', options.url.endsWith('/') ? options.url : `${options.url}/`);
  const timeoutMs = options.timeoutMs ?? 10_000;

  return async (
    query: string,
    params: Readonly<Record<string, string | number>> = {},
    method: 'GET' | 'POST' = 'GET',
  ): Promise<InfluxSeries[]> => {
    const form = new URLSearchParams({
      db: options.database,
      q: query,
      epoch: 'ms',
      params: JSON.stringify(params),
    });
    const target = method === 'GET' ? `${url}?${form}` : url;
    const response = await fetch(target, {
      method,
      headers: influxHeaders(options),
      signal: AbortSignal.timeout(timeoutMs),
      ...(method === 'POST' ? { body: form } : {}),
    }).catch((error: unknown) => {
      throw new InfluxError(`InfluxDB did not answer: ${reasonOf(error)}`, { cause: error });
    });
    const answer = (await response.json().catch(() => undefined)) as InfluxAnswer | undefined;
    const fault = answer?.error ?? answer?.results?.find((result) => result.error)?.error;
    if (!response.ok || fault !== undefined || answer === undefined) {
      throw new InfluxError(`InfluxDB answered ${response.status}: ${fault ?? 'no JSON'}`);
    }
    return (answer.results ?? []).flatMap((result) =>
      (result.series ?? []).map(({ name, tags, columns, values }) => ({
        name,
        tags: tags ?? {},
        columns,
        values: values ?? [],
      })),
    );
  };
}

export type InfluxQuery = ReturnType<typeof influxQuery>;

interface InfluxAnswer {
  readonly error?: string;
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly name: string;
      readonly tags?: Record<string, string>;
      readonly columns: string[];
      readonly values?: (string | number | boolean | null)[][];
    }[];
  }[];
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
