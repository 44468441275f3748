import { hostname } from 'node:os';
import { signedOnly } from '../collectd-user.ts';

/** Of a prefix: what the services' settings take. */
const maxHostName = 60;

/** What the services are told in a demo; its queues are its own, whoever else uses the same Redis. */
export function demoSettings({
  policy,
  portBase,
}: {
  policy: string;
  portBase: number;
}): Record<string, string> {
  const machine = hostname()
    .replaceAll(/[^A-Za-z0-9.-]/g, '-')
    .slice(0, maxHostName);
  return {
    ...signedOnly,
    SIDESTEP_MODE: 'auto',
    SIDESTEP_POLICY: policy,
    // Ports tell demos of one machine apart; one that is started anew finds its own queues again.
    SIDESTEP_QUEUE_PREFIX: `sidestep-demo-${machine}-${portBase}`,
    // The first training is shown to the user; one that began by itself would be in its way.
    SIDESTEP_PREDICTION_TRAINS_ITSELF: 'false',
  };
}
