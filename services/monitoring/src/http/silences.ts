import type { monitoring } from '@sidestep/contracts';
import type { Clock, Handlers } from '@sidestep/service-kit';
import { isActive, type Silence } from '../domain/silence.ts';
import type { Silences } from '../usecases/silences.ts';
import { timestamp } from './times.ts';

type Operation = 'listSilences' | 'createSilence' | 'endSilence';

export function silenceHandlers(
  silences: Silences,
  clock: Clock,
): Pick<Handlers<monitoring.operations>, Operation> {
  const silenceBody = (silence: Silence) => ({
    id: silence.id,
    matcher: { ...silence.matcher },
    author: silence.author,
    comment: silence.comment,
    startsAt: timestamp(silence.startsAtMs),
    expiresAt: timestamp(silence.expiresAtMs),
    active: isActive(silence, clock.now()),
  });
  return {
    listSilences: () => ({ status: 200, body: { silences: silences.all().map(silenceBody) } }),
    createSilence: async ({ body, principal }) => {
      const silence = await silences.add({
        matcher: body.matcher,
        comment: body.comment,
        author: principal.name,
        expiresAtMs: Date.parse(body.expiresAt),
        ...(body.startsAt === undefined ? {} : { startsAtMs: Date.parse(body.startsAt) }),
      });
      const headers = { location: `/silences/${silence.id}` };
      return { status: 201, body: silenceBody(silence), headers };
    },
    endSilence: async ({ params }) => {
      await silences.end(params.silenceId);
      return { status: 204 };
    },
  };
}
