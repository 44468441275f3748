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
  if (!isCount(meta.interval_s) || !isCount(meta.H))
    return fault('meta.json lacks interval_s or H');
  if (isIncidents(meta)) return { kind: 'incidents', meta };
  if (!isCount(meta.W) || typeof meta.threshold !== 'number')
    return fault('meta.json lacks W or threshold');
  if (isDays(meta)) return { kind: 'days', meta };
  if (isWide(meta)) return { kind: 'wide', meta: { ...meta, name: String(meta.name ?? 'fleet') } };
  return fault('meta.json names neither cells and train_ticks, nor days, nor machines');
};

type Loose = Record<string, unknown>;

const isCount = (value: unknown): value is number => typeof value === 'number' && value > 0;

const areNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');

const isIncidents = (meta: Loose): meta is Loose & IncidentsMeta =>
  typeof meta.train_fraction === 'number' &&
  Array.isArray(meta.machines) &&
  meta.machines.length > 0 &&
  meta.machines.every((machine) => isRecord(machine) && typeof machine.id === 'string');

const isDays = (meta: Loose): meta is Loose & DaysMeta =>
  areNames(meta.train_days) && areNames(meta.test_days);

const isWide = (meta: Loose): meta is Loose & WideMeta =>
  isCount(meta.train_ticks) && Array.isArray(meta.cells) && meta.cells.every(areNames);
