import type { FleetView } from '@sidestep/fleet';
import type { Surroundings } from '../../src/ports/surroundings.ts';

/** The links of the view that Monitoring knows; what chains promise is in the view already. */
export const fakeSurroundings = (telemetry: { view: FleetView }): Surroundings => ({
  links: async () => telemetry.view.links,
  promises: async () => new Map(),
});
