import type { MoveExperience } from '../domain/cost-regression.ts';
import type { Incident, IncidentSource } from '../domain/incident.ts';
import type { ActiveModel, ModelRecord } from '../domain/model-record.ts';
import type { ScoreChunk } from '../domain/score-chunk.ts';
import type { Training } from '../domain/training.ts';

/** One page of a list, newest first. */
export type Page<T> = { items: T[]; nextCursor: string | null };
export type PageQuery = { limit: number; cursor?: string | undefined };

/** Prediction's own documents, in its words. */
export type Documents = {
  getTraining(id: string): Promise<Training | undefined>;
  listTrainings(query: PageQuery): Promise<Page<Training>>;
  /** Trainings that are queued or running. */
  openTrainings(): Promise<Training[]>;
  addTraining(training: Training): Promise<void>;
  /** Changes a training as it stands; `change` answers undefined to leave it. */
  changeTraining(
    id: string,
    change: (training: Training) => Training | undefined,
  ): Promise<Training | undefined>;
  removeTraining(id: string): Promise<void>;

  getModel(version: string): Promise<ModelRecord | undefined>;
  listModels(query: PageQuery): Promise<Page<ModelRecord>>;
  saveModel(model: ModelRecord): Promise<void>;
  removeModel(version: string): Promise<void>;

  /** Writes an incident unless it stands so already. */
  saveIncident(incident: Incident): Promise<void>;
  removeIncident(id: string): Promise<void>;
  listIncidents(
    query: PageQuery & { resource?: string | undefined; source?: IncidentSource | undefined },
  ): Promise<Page<Incident>>;
  /** Incidents of a source that last. */
  openIncidents(source: IncidentSource): Promise<Incident[]>;

  saveScoreChunk(chunk: ScoreChunk): Promise<void>;
  /** Those of an outlook, oldest first. */
  listScoreChunks(outlook: string): AsyncIterable<ScoreChunk>;
  /** Removes those of an outlook that end before a moment. */
  removeScoreChunks(outlook: string, beforeMs: number): Promise<void>;

  getExperience(operationId: string): Promise<MoveExperience | undefined>;
  saveExperience(experience: MoveExperience): Promise<void>;
  /** The newest so many. */
  listExperiences(limit: number): Promise<MoveExperience[]>;
  /** Forgets all but the newest `keep`. */
  forgetExperiences(keep: number): Promise<void>;

  getActive(): Promise<ActiveModel | undefined>;
  changeActive(change: (active: ActiveModel | undefined) => ActiveModel): Promise<ActiveModel>;
  ping(): Promise<void>;
};
