import type { monitoring } from '@sidestep/contracts';
import type { Handlers } from '@sidestep/service-kit';
import type { KeptNotification, Notifications } from '../usecases/notifications.ts';
import { pageOf } from './pages.ts';
import { timestamp } from './times.ts';

/** The newest first. */
const listKey = ({ receivedAtMs, id }: KeptNotification): string =>
  `${String(Number.MAX_SAFE_INTEGER - receivedAtMs).padStart(16, '0')} ${id}`;

export function notificationHandlers(
  notifications: Notifications,
  allowUnsigned: boolean,
): Pick<Handlers<monitoring.operations>, 'listNotifications'> {
  return {
    listNotifications: ({ query }) => {
      const { severity, resource } = query;
      const wanted = notifications
        .all()
        .filter((each) => severity === undefined || each.severity === severity)
        .filter((each) => resource === undefined || each.resource === resource);
      const { page, nextCursor } = pageOf(wanted, listKey, query);
      const bodies = page.map(({ timeMs, receivedAtMs, isProtected, ...rest }) => ({
        ...rest,
        timestamp: timestamp(timeMs),
        receivedAt: timestamp(receivedAtMs),
        trusted: isProtected || allowUnsigned,
      }));
      return { status: 200, body: { notifications: bodies, nextCursor } };
    },
  };
}
