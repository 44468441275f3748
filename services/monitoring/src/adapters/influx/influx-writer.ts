import { InfluxDB } from '@influxdata/influxdb-client';
import { InfluxError, type InfluxOptions, influxHeaders } from './influx-http.ts';

/** Characters of one request: 3 Core takes bodies of 10 MB, 1.x of 25 MB. */
const REQUEST_CHARACTERS = 4 * 1024 * 1024;
/** Smaller bodies are sent as they are. */
const GZIP_FROM_BYTES = 1000;

const isLoopback = (url: string): boolean =>
  /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);

/** Takes lines of line protocol; what was written is stored. */
export interface InfluxWriter {
  write(lines: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Writes through the client library, by the interface that 1.x, 2.x and 3 Core have in common. */
export function influxWriter(
  options: InfluxOptions,
  prepare: () => Promise<unknown>,
): InfluxWriter {
  const client = new InfluxDB({
    url: options.url,
    timeout: options.timeoutMs ?? 10_000,
    headers: influxHeaders(options),
  });
  // Flushed by hand and never retried in the background: a sample counts as stored when its flush was answered.
  const writer = client.getWriteApi('', options.database, 'ms', {
    batchSize: 1000,
    maxBatchBytes: 100 * 1024 * 1024,
    flushInterval: 0,
    maxRetries: 0,
    // Compressing costs more than all the rest of a batch: it has to save a network's time.
    gzipThreshold: isLoopback(options.url) ? Number.MAX_SAFE_INTEGER : GZIP_FROM_BYTES,
    // The caller hears of a failure by the rejected flush; the client's own would log to the console as well.
    writeFailed: (error) => Promise.reject(error),
  });
  writer.path = `/write?db=${encodeURIComponent(options.database)}&precision=ms`;
  let writing: Promise<void> = Promise.resolve();

  return {
    // One batch at a time: the client's buffer is one, and a flush must answer for its own lines only.
    write: (lines) => {
      const turn = writing.then(async () => {
        await prepare();
        for (const body of bodiesOf(lines)) {
          writer.writeRecord(body);
          await writer.flush().catch((error: unknown) => {
            const detail = error instanceof Error ? error.message : String(error);
            throw new InfluxError(`InfluxDB took no samples: ${detail}`, { cause: error });
          });
        }
      });
      writing = turn.catch(() => undefined);
      return turn;
    },
    close: async () => {
      await writing;
      writer.dispose();
    },
  };
}

/** Lines put together to bodies that are taken at once. */
function* bodiesOf(lines: readonly string[]): Generator<string> {
  let from = 0;
  let characters = 0;
  for (const [at, line] of lines.entries()) {
    if (at > from && characters + line.length > REQUEST_CHARACTERS) {
      yield lines.slice(from, at).join('\n');
      from = at;
      characters = 0;
    }
    characters += line.length + 1;
  }
  if (from < lines.length) yield lines.slice(from).join('\n');
}
