/** One line of the table: what was measured, what came out, what was aimed at, and under which conditions. */
export type Row = { what: string; figure: string; target?: string; how: string };

/** The table as Markdown whose source reads as a table too; a column of targets where there are any. */
export function tableOf(rows: readonly Row[]): string {
  const aims = rows.some(({ target }) => target !== undefined);
  const lines = [
    ['measured', 'figure', ...(aims ? ['target'] : []), 'how'],
    ...rows.map(({ what, figure, target = '', how }) => [
      what,
      figure,
      ...(aims ? [target] : []),
      how,
    ]),
  ];
  const columns = aims ? [0, 1, 2] : [0, 1];
  const widths = columns.map((column) =>
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
