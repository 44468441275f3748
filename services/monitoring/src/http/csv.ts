import type { SeriesAnswer } from '../usecases/query-series.ts';

const quoted = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** Windows as CSV (RFC 4180): a row a series and step that has a value. */
export function csvOf({ fromMs, stepMs, series }: SeriesAnswer): string {
  const rows = ['time,metric,resource,labels,value'];
  for (const { series: key, values } of series) {
    const { metric, resource, labels } = key;
    const identity = [metric, resource, JSON.stringify(labels)].map(quoted).join(',');
    for (const [step, value] of values.entries()) {
      if (value === null) continue;
      rows.push(`${new Date(fromMs + step * stepMs).toISOString()},${identity},${value}`);
    }
  }
  return `${rows.join('\r\n')}\r\n`;
}
