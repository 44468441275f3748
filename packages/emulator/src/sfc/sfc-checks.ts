import { ApiError } from '../http/api-error.ts';
import type { ClassifierRow } from './sfc-state.ts';

/** Numbers of an IPv4 prefix, or null where there is none to compare. */
function prefixRange(prefix: string | null): { from: number; to: number } | null {
  if (prefix === null) return null;
  const [address = '', bits = '32'] = prefix.split('/');
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return null;
  const value = parts.reduce((sum, part) => sum * 256 + part, 0);
  const size = 2 ** (32 - Number(bits));
  const from = Math.floor(value / size) * size;
  return { from, to: from + size - 1 };
}

function overlaps(
  a: { from: number | null; to: number | null } | null,
  b: { from: number | null; to: number | null } | null,
): boolean {
  if (a === null || b === null) return true;
  if (a.from === null || a.to === null || b.from === null || b.to === null) return true;
  return a.from <= b.to && b.from <= a.to;
}

const sameOrAny = (a: string | null, b: string | null): boolean =>
  a === null || b === null || a === b;

/** True when some packet would fit both: networking-sfc refuses the second, broad ones included. */
export function classifiersConflict(a: ClassifierRow, b: ClassifierRow): boolean {
  return (
    a.ethertype === b.ethertype &&
    sameOrAny(a.protocol, b.protocol) &&
    sameOrAny(a.logicalSourcePort, b.logicalSourcePort) &&
    sameOrAny(a.logicalDestinationPort, b.logicalDestinationPort) &&
    overlaps(prefixRange(a.sourceIpPrefix), prefixRange(b.sourceIpPrefix)) &&
    overlaps(prefixRange(a.destinationIpPrefix), prefixRange(b.destinationIpPrefix)) &&
    overlaps(
      { from: a.sourcePortMin, to: a.sourcePortMax },
      { from: b.sourcePortMin, to: b.sourcePortMax },
    ) &&
    overlaps(
      { from: a.destinationPortMin, to: a.destinationPortMax },
      { from: b.destinationPortMin, to: b.destinationPortMax },
    )
  );
}

/** Neutron's refusal of a list that names something twice. */
export function refuseDuplicates(field: string, items: readonly string[]): void {
  const twice = items.find((item, index) => items.indexOf(item) !== index);
  if (twice === undefined) return;
  throw new ApiError(
    400,
    `Invalid input for ${field}. Reason: Duplicate items in the list: '${twice}'.`,
  );
}

/** A Python list of texts, as the messages print it. */
export function pythonList(items: readonly string[]): string {
  return `[${items.map((item) => `'${item}'`).join(', ')}]`;
}
