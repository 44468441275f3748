import { isRecord } from '../model-file.ts';
import type { DaysMeta } from './evaluate-days.ts';
import type { IncidentsMeta } from './evaluate-incidents.ts';
import type { WideMeta } from './evaluate-wide.ts';

/** What a folder's `meta.json` describes. */
export type FleetMeta =
  | { readonly kind: 'wide'; readonly meta: WideMeta }
  | { readonly kind: 'days'; readonly meta: DaysMeta }
  | { readonly kind: 'incidents'; readonly meta: IncidentsMeta }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Reads `meta.json` and tells which tasks the folder holds. */
export const parseFleetMeta = (bytes: Uint8Array): FleetMeta => {
  const fault = (reason: string): FleetMeta => ({ kind: 'unreadable', reason });
  let meta: unknown;
  try {
    meta = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return fault('meta.json is not JSON');
  }
  if (!isRecord(meta)) return fault('meta.json is not an object');
  if (!isPositive(meta.interval_s) || !isTicks(meta.H))
    return fault('meta.json lacks interval_s or H');
  if (isIncidents(meta)) return { kind: 'incidents', meta };
  if (!isTicks(meta.W) || !Number.isFinite(meta.threshold))
    return fault('meta.json lacks W or threshold');
  if (isDays(meta)) return { kind: 'days', meta };
  if (isWide(meta)) return { kind: 'wide', meta: { ...meta, name: String(meta.name ?? 'fleet') } };
  return fault('meta.json names neither cells and train_ticks, nor days, nor machines');
};

type Loose = Record<string, unknown>;

/** Longer windows and horizons would not fit the memory. */
const mostTicks = 100_000;

const isPositive = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0;

const isCount = (value: unknown): value is number =>
  isPositive(value) && Number.isSafeInteger(value);

const isTicks = (value: unknown): value is number => isCount(value) && value <= mostTicks;

const areNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');

const isIncidents = (meta: Loose): meta is Loose & IncidentsMeta =>
  isPositive(meta.train_fraction) &&
  meta.train_fraction < 1 &&
  Array.isArray(meta.machines) &&
  meta.machines.length > 0 &&
  meta.machines.every(
    (machine) =>
      isRecord(machine) && typeof machine.id === 'string' && isCount(machine.labelled_rows),
  );

const isDays = (meta: Loose): meta is Loose & DaysMeta =>
  areNames(meta.train_days) && areNames(meta.test_days) && isTicks(meta.ticks);

const isWide = (meta: Loose): meta is Loose & WideMeta =>
  isCount(meta.train_ticks) && Array.isArray(meta.cells) && meta.cells.every(areNames);
