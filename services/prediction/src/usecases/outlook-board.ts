import { ProblemError } from '@sidestep/service-kit';
import type { Forecast } from '../domain/forecast-board.ts';
import { outlookId } from '../domain/outlook.ts';
import type { PredictionSettings } from '../domain/settings.ts';
import type { ModelDeps } from './activate-model.ts';
import type { RiskReader } from './read-risks.ts';
import type { ServingModel } from './serving-model.ts';

/** All that belongs to one outlook. */
export type OutlookPart = {
  id: string;
  /** Whether it is the one that Migration acts on. */
  chief: boolean;
  settings: PredictionSettings;
  serving: ServingModel;
  models: ModelDeps;
  risks: RiskReader;
  forecast(): Forecast | undefined;
};

/** What is foreseen, the chief outlook first. */
export type OutlookBoard = {
  all: readonly OutlookPart[];
  chief: OutlookPart;
  /** The outlook of a name, the chief one without; a name of nothing that is foreseen is refused at its place. */
  named(id: string | undefined, pointer: string): OutlookPart;
};

export function outlookBoard(
  chief: Omit<OutlookPart, 'id' | 'chief'>,
  sides: readonly Omit<OutlookPart, 'id' | 'chief'>[],
): OutlookBoard {
  const first = { ...chief, id: outlookId(chief.settings), chief: true };
  const all = [
    first,
    ...sides.map((side) => ({ ...side, id: outlookId(side.settings), chief: false })),
  ];
  return {
    all,
    chief: first,
    named: (id, pointer) => {
      const part = id === undefined ? first : all.find((each) => each.id === id);
      if (part !== undefined) return part;
      const known = all.map((each) => each.id).join(', ');
      throw new ProblemError(
        'UNPROCESSABLE',
        `Nothing named ${id} is foreseen; there are: ${known}`,
        {
          errors: [{ pointer, detail: `is none of ${known}` }],
        },
      );
    },
  };
}
