import { loadModel, type TrainedModel } from '@sidestep/forecast';
import { type ModelRecord, mismatch } from '../domain/model-record.ts';
import type { PredictionSettings } from '../domain/settings.ts';
import type { Documents } from '../ports/documents.ts';
import type { ModelFiles } from '../ports/model-files.ts';

/** A model ready to serve, or why it cannot. */
export type OpenedModel =
  | { kind: 'usable'; model: TrainedModel; record: ModelRecord; bytes: Uint8Array }
  | { kind: 'refused'; reason: string }
  | { kind: 'unknown' };

/** Reads a model's file and makes sure that it is the one that was stored, and foresees what is to be foreseen. */
export async function openModel(
  deps: { documents: Documents; files: ModelFiles; settings: PredictionSettings },
  version: string,
): Promise<OpenedModel> {
  const record = await deps.documents.getModel(version);
  if (record === undefined) return { kind: 'unknown' };
  const refused = (reason: string): OpenedModel => ({ kind: 'refused', reason });
  const file = await deps.files.read(version);
  if (file === 'missing') return refused('its file is gone');
  if (file.checksum !== record.fileChecksum)
    return refused('its file is not the one that was stored');
  const loaded = loadModel(file.bytes);
  if (loaded.kind === 'refused') return refused(`${loaded.reason}: ${loaded.detail}`);
  const other = mismatch(loaded.model.info, deps.settings);
  return other === 'none'
    ? { kind: 'usable', model: loaded.model, record, bytes: file.bytes }
    : refused(other);
}
