import { ProblemError } from '@sidestep/service-kit';
import { SampleWindow } from '../domain/sample-window.ts';
import { pagesOf } from '../domain/ticks.ts';
import type { SampleQuery, Telemetry } from '../ports/telemetry.ts';

/** Values of one answer of Monitoring at most: it refuses more than 2,000,000, and an answer is held as text. */
const maxPageValues = 400_000;

/** Reads a stretch of all hosts' samples page by page, oldest first. */
export async function loadHistory(
  telemetry: Pick<Telemetry, 'readSamples'>,
  query: SampleQuery,
  bounds: {
    /** How many hosts there may be. */
    hosts: number;
    slackTicks: number;
    /** Further metrics that the window has room for, to be laid in by the caller. */
    laidIn?: readonly string[];
    onPage?: (done: number) => void;
  },
): Promise<SampleWindow> {
  const window = new SampleWindow({
    metrics: [...query.metrics, ...(bounds.laidIn ?? [])],
    tickMs: query.tickMs,
    firstTickAtMs: query.fromMs,
    capacityTicks: Math.round((query.toMs - query.fromMs) / query.tickMs),
    slackTicks: bounds.slackTicks,
  });
  window.advanceTo(query.toMs - query.tickMs);
  const pages = pagesOf(query, bounds.hosts * query.metrics.length, maxPageValues);
  for (const [index, page] of pages.entries()) {
    await readPage(telemetry, { ...query, ...page }, window);
    bounds.onPage?.((index + 1) / pages.length);
  }
  return window;
}

/** Reads a page, or its halves where Monitoring finds it too large: there are more hosts than were known. */
async function readPage(
  telemetry: Pick<Telemetry, 'readSamples'>,
  page: SampleQuery,
  window: SampleWindow,
): Promise<void> {
  try {
    window.put(await telemetry.readSamples(page));
  } catch (error) {
    const ticks = Math.round((page.toMs - page.fromMs) / page.tickMs);
    const tooLarge = error instanceof ProblemError && error.code === 'QUERY_TOO_LARGE';
    if (!tooLarge || ticks < 2) throw error;
    const middleMs = page.fromMs + Math.floor(ticks / 2) * page.tickMs;
    await readPage(telemetry, { ...page, toMs: middleMs }, window);
    await readPage(telemetry, { ...page, fromMs: middleMs }, window);
  }
}
