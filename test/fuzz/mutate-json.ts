import type { Dice } from './dice.ts';

const values = [
  null,
  true,
  0,
  -1,
  0.5,
  1e308,
  -1e308,
  4_294_967_296,
  9_007_199_254_740_992,
  1e-320,
  '',
  'value',
  '__proto__',
  '\u0000',
  '\ud800',
  '\ufeff',
  'x'.repeat(300),
  [],
  {},
  [[]],
  [null],
] as const;

const names = ['__proto__', 'constructor', 'toString', '', 'length', '\ud800', 'name'] as const;

/** A value made from another by putting something awkward in a few places of its tree. */
export function mutateJson(value: unknown, dice: Dice): unknown {
  let changed = value;
  let changes = 1;
  while (changes < 8 && dice.oneIn(2)) changes += 1;
  for (let done = 0; done < changes; done += 1) changed = changeOnce(changed, dice);
  return changed;
}

function changeOnce(value: unknown, dice: Dice): unknown {
  if (typeof value !== 'object' || value === null || dice.oneIn(12))
    return replacement(value, dice);
  const entries: [string, unknown][] = Object.entries(value);
  const at = dice.below(entries.length);
  const [name, child] = entries[at] ?? ['', undefined];
  switch (dice.below(10)) {
    case 0:
      entries.splice(at, 1);
      break;
    case 1:
      entries.splice(at, 0, [dice.pick(names), dice.pick(values)]);
      break;
    case 2:
      entries.push([Array.isArray(value) ? '' : dice.pick(names), child]);
      break;
    default:
      entries[at] = [name, changeOnce(child, dice)];
  }
  if (Array.isArray(value)) return entries.map(([, item]) => item);
  // An own property of this name, as JSON.parse makes it.
  const made: Record<string, unknown> = Object.create(null);
  for (const [key, item] of entries) made[key] = item;
  return made;
}

function replacement(value: unknown, dice: Dice): unknown {
  if (typeof value === 'number' && dice.oneIn(2)) {
    return dice.pick([value + 1, -value, value * 1e9, value / 3, value + 0.5, Math.floor(value)]);
  }
  if (typeof value === 'string' && dice.oneIn(2)) {
    return dice.pick([`${value}${value}`, value.slice(1), `${value}\u0000`, value.toUpperCase()]);
  }
  if (dice.oneIn(40)) return nested(value, 1 + dice.below(2000));
  return dice.pick(values);
}

function nested(value: unknown, depth: number): unknown {
  let whole = value;
  for (let level = 0; level < depth; level += 1) whole = [whole];
  return whole;
}
