import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type NumberedSeries, SeriesExchange } from '../src/adapters/sqlite/series-exchange.ts';
import { type SeriesKey, seriesText } from '../src/domain/series.ts';

const keyOf = (resource: string): SeriesKey => ({
  resource,
  metric: 'host.cpuPercent',
  labels: { site: 'a' },
});

/** Two ends that tell one another; what they told is kept. */
function twoEnds() {
  const told: NumberedSeries[] = [];
  const left: SeriesExchange = new SeriesExchange((news) => {
    told.push(news);
    right.learn(news);
  });
  const right: SeriesExchange = new SeriesExchange((news) => {
    told.push(news);
    left.learn(news);
  });
  return { left, right, told };
}

test('whatever is sent, kept objects or copies, own ones or learnt ones, the other end means the same series', () => {
  const send = fc.record({
    fromLeft: fc.boolean(),
    series: fc.nat({ max: 5 }),
    as: fc.constantFrom('kept' as const, 'copy' as const, 'learnt' as const),
  });
  fc.assert(
    fc.property(fc.array(send), (sends) => {
      const { left, right } = twoEnds();
      // Both ends keep objects of their own, and their places mean different things.
      const kept = (from: number) =>
        Array.from({ length: 6 }, (_, at) => ({ ...keyOf(`h${at}`), place: (at + from) % 6 }));
      const sides = [
        { end: left, own: kept(0), learnt: new Map<string, SeriesKey>() },
        { end: right, own: kept(3), learnt: new Map<string, SeriesKey>() },
      ] as const;
      for (const { fromLeft, series, as } of sends) {
        const [sender, receiver] = fromLeft ? sides : ([sides[1], sides[0]] as const);
        const own = sender.own[series] ?? keyOf(`h${series}`);
        const copy = keyOf(`h${series}`);
        const key =
          as === 'kept' ? own : as === 'copy' ? copy : (sender.learnt.get(seriesText(own)) ?? copy);
        const [number = Number.NaN] = sender.end.numbersOf([key]);
        const meant = receiver.end.keyOf(number);
        expect(seriesText(meant)).toBe(seriesText(key));
        receiver.learnt.set(seriesText(meant), meant);
      }
    }),
  );
});

test('a series is told once, and what was learnt goes back by the number that it came with', () => {
  const { left, right, told } = twoEnds();
  const key = { ...keyOf('h1'), place: 7 };

  const first = left.numbersOf([key, key]);
  const learnt = right.keyOf(first[0] ?? -1);
  const back = right.numbersOf([learnt]);
  left.numbersOf([key]);

  expect(told).toEqual([{ first: 0, keys: [keyOf('h1')] }]);
  expect(left.keyOf(back[0] ?? 0)).toBe(key);
});

test('a number that nobody told is no series', () => {
  const { left } = twoEnds();

  expect(() => left.keyOf(0)).toThrow('Series 0 was never told');
  expect(() => left.keyOf(-1)).toThrow('Series -1 was never told');
});
