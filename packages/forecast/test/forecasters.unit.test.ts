import { describe, expect, test } from 'vitest';
import {
  createPersistenceModel,
  defaultTrainingSpec,
  emptySeries,
  forecasters,
  incidentMetric,
  loadFitted,
  loadModel,
  modelKinds,
  riskKinds,
  trainModel,
} from '../src/index.ts';
import { syntheticFleet } from './fixtures/synthetic-fleet.ts';

const now = () => 1_700_000_000_000;
const fleet = syntheticFleet({ hosts: 4, ticks: 700, seed: 6 });
const spec = { ...defaultTrainingSpec, maxTrainingMs: 20_000, maxRows: 2_000 };
/** A training takes seconds, and far longer on a machine that has other work. */
const patientMs = 120_000;

test('all the kinds that are named are registered, once each, and say what they need and when to choose them', () => {
  expect(forecasters.map(({ kind }) => kind)).toEqual(modelKinds);
  for (const { needs, chooseWhen } of forecasters) {
    expect(needs).toMatch(/^[A-Z].*[.)]$/);
    expect(chooseWhen).toMatch(/^[A-Z].*\.$/);
  }
});

describe.each(forecasters.map((each) => [each.kind, each] as const))('%s', (kind, forecaster) => {
  test(
    'is fitted, kept in a file, read back from it, and answers for every host',
    async () => {
      const asked = kind === 'svm' ? spec : { ...spec, kind };
      const result = await forecaster.fit(fleet, asked, { now });
      if (result.kind !== 'trained') throw new Error(JSON.stringify(result));
      const loaded = loadFitted(result.model.serialize());
      if (loaded.kind === 'refused') throw new Error(loaded.detail);
      const { model } = loaded;

      expect(model.info).toEqual(result.model.info);
      expect(model.info.version).toMatch(new RegExp(`^${kind}-[0-9a-f]{8}$`));
      expect(model.answers).toBe(forecaster.answers);
      const told =
        model.answers === 'risk'
          ? model.score(fleet, 690).map(({ risk }) => risk)
          : model.classify(fleet, 690).map(({ margin }) => margin);
      expect(told).toEqual(fleet.hosts.map(() => expect.any(Number)));
      expect(model.info.metrics === 'not-measured' ? model.info.picks : model.info.metrics).toEqual(
        expect.objectContaining({ heldOut: expect.anything() }),
      );
    },
    patientMs,
  );

  test('says what it lacks of a history that has nothing in it', async () => {
    const empty = emptySeries({ ...fleet, hosts: ['a', 'b'], ticks: 10 });
    const asked = kind === 'svm' ? spec : { ...spec, kind };

    const result = await forecaster.fit(empty, asked, { now });

    expect(result.kind).toBe(forecaster.unfitted === undefined ? 'not-enough-data' : 'trained');
  });
});

test('persistence answers without being fitted, and fitted it answers the same', async () => {
  const bare = createPersistenceModel(spec, fleet.tickMs);
  const kept = await trainModel(fleet, { ...spec, kind: 'persistence' }, { now });
  if (kept.kind !== 'trained') throw new Error(kept.kind);

  expect(kept.model.score(fleet, 690)).toEqual(bare.score(fleet, 690));
  expect(forecasters.filter(({ unfitted }) => unfitted !== undefined)).toHaveLength(1);
});

test('persistence of what only begins is refused: there is no value that goes on', async () => {
  const asked = { ...spec, kind: 'persistence', targetMetric: incidentMetric } as const;

  const result = await trainModel({ ...fleet, metrics: [incidentMetric, 'b', 'c'] }, asked, {
    now,
  });

  expect(result).toMatchObject({ kind: 'refused', faults: [expect.stringContaining('begin')] });
});

test('a classifier is no model of risks, and a file of neither is refused', async () => {
  const svm = forecasters.find(({ kind }) => kind === 'svm');
  const result = await svm?.fit(fleet, spec, { now });
  if (result?.kind !== 'trained') throw new Error('not trained');

  expect(riskKinds).not.toContain('svm');
  expect(loadModel(result.model.serialize())).toMatchObject({
    kind: 'refused',
    reason: 'malformed-header',
  });
  expect(loadFitted(new Uint8Array(100))).toMatchObject({ reason: 'not-a-model' });
});
