import { INTERVAL_MS, type MovesOptions, type MovesResult, SLOW_MS } from './moves.ts';
import { milliseconds, type Row, whole } from './table.ts';

/** The row that tells how long it took from samples to live-migration calls; the aim is one interval and a quarter of a second. */
export function moveRow(
  { cores, missed, policy, took, waitedForCpuSeconds }: MovesResult,
  { fleet, latency, more = '' }: { fleet: string; latency: MovesOptions['latency']; more?: string },
): Row {
  const busy = [...cores].map(([name, share]) => `${name} ${share.toFixed(2)}`).join(', ');
  const work = `cores used: ${busy}; Monitoring waited ${waitedForCpuSeconds.toFixed(1)} s for a free one`;
  const row = {
    what: `alarm's completing sample sent → live-migration call, p50 / p99, ${fleet}, ${policy}`,
    target: `p99 ≤ ${whole(SLOW_MS)} ms`,
  };
  if (took === 'nothing')
    return { ...row, figure: 'no move', how: `${missed.length} hosts hot; ${missed[0]}; ${work}` };
  const { sinceSampled, sinceSent, untilDecided } = took;
  const both = (spread: typeof sinceSent) =>
    `${milliseconds(spread.p50)} / ${milliseconds(spread.p99)}`;
  return {
    ...row,
    figure: both(sinceSent),
    how: `${sinceSent.count} moves (${missed.length} without), max ${milliseconds(sinceSent.max)}; hosts report every ${INTERVAL_MS / 1000} s${more}; each OpenStack call takes ${latency.fixedMs} to ${latency.fixedMs + latency.jitterMs} ms, this one's own included; ${both(untilDecided)} of it until the operation is on record; from the sample's own time ${both(sinceSampled)}; ${work}`,
  };
}
