import { expect, test } from 'vitest';
import { evaluatedModels } from '../../cli/src/commands/evaluate.ts';
import { modelKinds } from '../../packages/forecast/src/model-kinds.ts';

test('the command line takes each kind of model that can be evaluated, and no other', () => {
  expect(evaluatedModels).toEqual(modelKinds);
});
