import type { monitoring } from '@sidestep/contracts';
import type { Handlers } from '@sidestep/service-kit';
import type { Alarm } from '../usecases/alarm-desk.ts';
import type { Webhooks } from '../usecases/webhooks.ts';

type Operation =
  | 'listWebhooks'
  | 'createWebhook'
  | 'deleteWebhook'
  | 'listDeadLetters'
  | 'retryDeadLetter';

export function webhookHandlers(
  webhooks: Webhooks,
  alarmBody: (alarm: Alarm) => monitoring.components['schemas']['Alarm'],
): Pick<Handlers<monitoring.operations>, Operation> {
  return {
    listWebhooks: () => ({ status: 200, body: { webhooks: webhooks.all() } }),
    createWebhook: async ({ body }) => {
      const webhook = await webhooks.add({
        name: body.name,
        url: body.url,
        minSeverity: body.minSeverity ?? 'warning',
      });
      return { status: 201, body: webhook, headers: { location: `/webhooks/${webhook.id}` } };
    },
    deleteWebhook: async ({ params }) => {
      await webhooks.remove(params.webhookId);
      return { status: 204 };
    },
    listDeadLetters: () => ({
      status: 200,
      body: {
        deadLetters: webhooks.deadLetters().map(({ alarm, overtaken = false, ...letter }) => ({
          id: letter.id,
          webhookId: letter.webhookId,
          alarm: alarmBody(alarm),
          attempts: letter.attempts,
          problem: letter.problem,
          overtaken,
        })),
      },
    }),
    retryDeadLetter: async ({ params }) => {
      await webhooks.retry(params.deadLetterId);
      return { status: 204 };
    },
  };
}
