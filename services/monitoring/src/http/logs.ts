import type { monitoring } from '@sidestep/contracts';
import { type Handlers, NotFound } from '@sidestep/service-kit';
import type { LogDesk } from '../usecases/log-desk.ts';
import { pageOf } from './pages.ts';
import { timestamp } from './times.ts';

// RFC 5424, 6.2.1, in the order of their numbers.
const severities = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'informational',
  'debug',
] as const;

export function logHandlers(
  logs: LogDesk,
): Pick<Handlers<monitoring.operations>, 'listLogTemplates'> {
  return {
    listLogTemplates: ({ params, query }) => {
      const templates = logs.templatesOf(params.id);
      if (templates === undefined) throw new NotFound('host or server that logs', params.id);
      const { page, nextCursor } = pageOf(
        templates,
        ({ severity, id }) => `${severity} ${String(id).padStart(12, '0')}`,
        query,
      );
      return {
        status: 200,
        body: {
          resource: params.id,
          templates: page.map(({ app, words, severity, count, firstMs, lastMs }) => ({
            app,
            template: words.join(' '),
            severity: severities[severity] ?? 'debug',
            count,
            firstSeen: timestamp(firstMs),
            lastSeen: timestamp(lastMs),
          })),
          nextCursor,
        },
      };
    },
  };
}
