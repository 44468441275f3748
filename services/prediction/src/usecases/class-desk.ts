import type { HostClass } from '@sidestep/fleet';
import { type ClassModel, loadClassModel } from '@sidestep/forecast';
import { type Clock, Conflict, type Log, NotFound, ProblemError } from '@sidestep/service-kit';
import { freshness, type RiskUnknown, unknownWords } from '../domain/forecast-board.ts';
import { type ModelRecord, mismatch, withActive } from '../domain/model-record.ts';
import type { PredictionSettings } from '../domain/settings.ts';
import type { Documents } from '../ports/documents.ts';
import type { ModelFiles } from '../ports/model-files.ts';
import type { Champion } from '../ports/trainer.ts';
import type { TickRunner } from './run-tick.ts';

/** The classifier's word on every host at the last tick. */
export type ClassAnswer = {
  /** End of the newest tick. */
  atMs: number | null;
  modelVersion: string | null;
  /** Why no classifier answers; null where one does. */
  unavailable: string | null;
  classes: readonly HostClass[];
};

/** Where the classifier that serves is kept and asked. It stands beside the risks' models and meets none of them. */
export type ClassDesk = {
  /** At start: what served last serves again, unless its file is refused. */
  restore(): Promise<void>;
  /** Lets a classifier serve; what served goes on where it is refused. */
  activate(version: string): Promise<ModelRecord>;
  /** Lets the newest earlier one that can still be used serve again. */
  rollBack(): Promise<ModelRecord>;
  /** The one that serves, for a newcomer to be compared with; none where there is none or its file is refused. */
  champion(): Promise<Champion | null>;
  version(): string | null;
  read(): ClassAnswer;
};

type Opened = { model: ClassModel; record: ModelRecord; bytes: Uint8Array };

export type ClassDeskDeps = {
  clock: Clock;
  settings: PredictionSettings;
  /** Whose active model is the classifier's. */
  documents: Documents;
  files: ModelFiles;
  runner: Pick<TickRunner, 'forecast'>;
  log: Log;
};

export function createClassDesk(deps: ClassDeskDeps): ClassDesk {
  const { clock, settings, documents, files, runner, log } = deps;
  let model: ClassModel | undefined;
  let reason = 'no classifier has been trained yet';

  const open = async (version: string): Promise<Opened | string | 'not-recorded'> => {
    const record = await documents.getModel(version);
    if (record === undefined) return 'not-recorded';
    const file = await files.read(version);
    if (file === 'missing') return 'its file is gone';
    if (file.checksum !== record.fileChecksum) return 'its file is not the one that was stored';
    const loaded = loadClassModel(file.bytes);
    if (loaded.kind === 'refused') return `${loaded.reason}: ${loaded.detail}`;
    const other = mismatch(loaded.model.info, settings);
    return other === 'none' ? { model: loaded.model, record, bytes: file.bytes } : other;
  };

  /** The first of some versions that can be used serves, and what stands behind it is the way back. */
  const serveFirstOf = async (
    versions: readonly string[],
    onRefused: (version: string, why: string) => void,
  ): Promise<ModelRecord | 'none'> => {
    for (const [index, version] of versions.entries()) {
      const opened = await open(version);
      if (typeof opened === 'string') {
        onRefused(version, opened);
        continue;
      }
      await documents.changeActive(() => ({ version, earlier: versions.slice(index + 1) }));
      model = opened.model;
      return opened.record;
    }
    return 'none';
  };

  return {
    restore: async () => {
      const active = await documents.getActive();
      if (active?.version == null) return;
      const refusals: string[] = [];
      await serveFirstOf([active.version, ...active.earlier], (version, why) => {
        refusals.push(`the classifier ${version} is refused: ${why}`);
        log.error({ model: version, reason: why }, 'A classifier is refused');
      });
      if (model === undefined) reason = refusals[0] ?? reason;
    },

    activate: async (version) => {
      const opened = await open(version);
      if (opened === 'not-recorded') throw new NotFound('model', version);
      if (typeof opened === 'string')
        throw new ProblemError('MODEL_REFUSED', `The model ${version} is refused: ${opened}`);
      await documents.changeActive((active) => withActive(active, version));
      model = opened.model;
      return opened.record;
    },

    rollBack: async () => {
      const { earlier } = (await documents.getActive()) ?? { earlier: [] };
      const record = await serveFirstOf(earlier, () => undefined);
      if (record === 'none') throw new Conflict('No classifier that served before can be used');
      return record;
    },

    champion: async () => {
      const opened = model === undefined ? 'none' : await open(model.info.version);
      if (typeof opened === 'string') return null;
      const { version, info } = opened.record;
      return { version, bytes: opened.bytes, seenUntilMs: info.dataRange.toMs };
    },

    version: () => model?.info.version ?? null,

    read: () => {
      const forecast = runner.forecast();
      const fresh = freshness(forecast, clock.now(), settings.tickMs);
      const context = {
        atMs: forecast?.atMs ?? null,
        modelVersion: model?.info.version ?? null,
        unavailable: model === undefined ? reason : null,
      };
      const unknown = (
        hostId: string,
        why: RiskUnknown | 'no-model',
        words: string,
      ): HostClass => ({
        hostId,
        margin: 'unknown',
        why: `${why}: ${words}`,
      });
      if (forecast === undefined) return { ...context, classes: [] };
      const { scores, series } = forecast;
      const told = model !== undefined && fresh.kind === 'fresh';
      const margins = told ? model?.classify(series, series.ticks - 1) : undefined;
      return {
        ...context,
        classes: scores.map((score, index) => {
          const { host } = score;
          if (model === undefined) return unknown(host, 'no-model', reason);
          if (fresh.kind === 'stale') return unknown(host, fresh.why, fresh.words);
          // Whom Monitoring doubts is no better a destination for a classifier's being asked.
          if (score.risk === 'unknown' && (score.why === 'suspect' || score.why === 'unsigned'))
            return unknown(host, score.why, unknownWords(score.why));
          const own = margins?.[index];
          if (own === undefined) return unknown(host, 'unknown-host', newcomerWords);
          if (own.margin !== 'unknown') return { hostId: host, margin: own.margin, why: '' };
          const words = own.why === 'unknown-host' ? newcomerWords : unknownWords(own.why);
          return unknown(host, own.why, words);
        }),
      };
    },
  };
}

const newcomerWords = 'it was not there when the classifier was trained';
