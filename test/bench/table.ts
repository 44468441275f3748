/** One line of the table: what was measured, what came out, and under which conditions. */
export type Row = { what: string; figure: string; how: string };

/** The table as Markdown whose source reads as a table too. */
export function tableOf(rows: readonly Row[]): string {
  const lines = [
    ['measured', 'figure', 'how'],
    ...rows.map(({ what, figure, how }) => [what, figure, how]),
  ];
  const widths = [0, 1].map((column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const text = (line: readonly string[]) =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = lines;
  const rule = `|${[...widths, 3].map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [text(head), rule, ...body.map(text)].join('\n');
}

/** A count as people read it: 1,234,567. */
export const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Milliseconds with as many digits as mean something. */
export const milliseconds = (value: number): string =>
  `${value >= 100 ? whole(value) : value.toFixed(1)} ms`;
