import { ProblemError } from '@sidestep/service-kit';
import { readInfluxAnswer } from '../../../services/monitoring/src/adapters/influx/influx-http.ts';
import { seriesOfTags } from '../../../services/monitoring/src/adapters/influx/line-protocol.ts';
import {
  MalformedBatch,
  packBatch,
  unpackBatch,
} from '../../../services/monitoring/src/adapters/spool/packed-batch.ts';
import { SampleBatch, seriesText } from '../../../services/monitoring/src/domain/series.ts';
import { type FuzzTarget, hold } from '../fuzz-target.ts';
import { mutateJson } from '../mutate-json.ts';

const answers: [unknown, ...unknown[]] = [
  {
    results: [
      {
        statement_id: 0,
        series: [
          {
            name: 'host',
            tags: { resource: 'compute1', labels: '{"cpu":"0"}', part: '' },
            columns: ['time', 'cpuPercent'],
            values: [
              [1795207471512, 42.5],
              [1795207481512, null],
            ],
          },
        ],
      },
    ],
  },
  { results: [{ statement_id: 0 }] },
];

/** What InfluxDB answers to a query. */
export const influxAnswers = (): FuzzTarget => ({
  name: 'InfluxDB answer',
  seeds: answers.map((answer) => Buffer.from(JSON.stringify(answer))) as [Buffer, ...Buffer[]],
  dictionary: ['"error":"x"', '"series":[', '"values":[[', 'null', '%', '%zz', '1e309', '[', '{'],
  generate: (dice) =>
    dice.oneIn(3) ? undefined : Buffer.from(JSON.stringify(mutateJson(dice.pick(answers), dice))),
  run: (input) => {
    try {
      for (const { name, tags, columns, values } of readInfluxAnswer(
        200,
        new TextDecoder().decode(input),
      )) {
        hold(typeof name === 'string', 'a series has a name');
        hold(
          columns.every((column) => typeof column === 'string'),
          'columns have names',
        );
        for (const row of values) {
          hold(row.length === columns.length, 'a row has a cell a column');
          for (const cell of row)
            hold(typeof cell !== 'object' || cell === null, 'a cell is plain');
        }
        const series = seriesOfTags(name, columns[1] ?? '', tags);
        hold(typeof series.resource === 'string', 'a series is of a resource');
        hold(
          Object.values(series.labels).every((label) => typeof label === 'string'),
          'labels are texts',
        );
      }
      return 'accepted';
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      hold(error.message.length < 1000, 'a fault is told in short');
      return 'refused';
    }
  },
});

const batch = SampleBatch.of([
  { resource: 'compute1', metric: 'host.cpuPercent', labels: {}, timeMs: 1000, value: 42.5 },
  { resource: 'compute2', metric: 'host.pingMs', labels: { target: 'c1' }, timeMs: 2000, value: 1 },
  { resource: 'compute1', metric: 'host.cpuPercent', labels: {}, timeMs: 3000, value: 43 },
]);

const contentOf = (samples: SampleBatch): string =>
  JSON.stringify(
    samples.series.map((key, at) => [
      seriesText(key),
      samples.timeMs(at),
      String(samples.value(at)),
    ]),
  );

/** A file of the spool, as a disk that failed may give it back. */
export const spoolFiles = (): FuzzTarget => {
  const bytes = packBatch(batch);
  const body = bytes.subarray(4 + bytes.readUInt32LE(0));
  return {
    name: 'spool file',
    seeds: [bytes],
    dictionary: ['[', ']', '{"resource":"a","metric":"b","labels":{}}', 'null', ',', '"labels":'],
    generate: (dice) => {
      if (dice.oneIn(2)) return undefined;
      const { series } = batch;
      const head = Buffer.from(JSON.stringify(mutateJson(series.slice(0, 2), dice)));
      const length = Buffer.alloc(4);
      length.writeUInt32LE(head.length);
      return Buffer.concat([length, head, body]);
    },
    run: (input) => {
      let read: SampleBatch;
      try {
        read = unpackBatch(Buffer.from(input));
      } catch (error) {
        if (error instanceof MalformedBatch) return 'refused';
        throw error;
      }
      for (const [at, { resource, metric, labels }] of read.series.entries()) {
        hold(typeof resource === 'string' && typeof metric === 'string', 'a sample has a series');
        hold(
          Object.values(labels).every((label) => typeof label === 'string'),
          'labels are texts',
        );
        hold(Number.isFinite(read.timeMs(at)), 'a sample has a time');
        hold(!Number.isNaN(read.value(at)), 'a sample has a value');
      }
      hold(contentOf(unpackBatch(packBatch(read))) === contentOf(read), 'the batch comes back');
      return 'accepted';
    },
  };
};
