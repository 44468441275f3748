import { serviceClient } from '@sidestep/contracts';
import { loadBackend } from '@sidestep/forecast';
import { systemClock } from '@sidestep/service-kit';
import { monitoringTelemetry } from './adapters/http/monitoring-telemetry.ts';
import type { WorkerOrder, WorkerReport } from './adapters/process/worker-messages.ts';
import type { TrainerOutcome } from './ports/trainer.ts';
import { trainOnHistory } from './usecases/train-on-history.ts';

/**
 * The training process: it takes one order from the service, reports, and ends. It has no environment and opens no
 * port; when the service goes away, so does it.
 */

/** A page of history is larger than what services usually tell each other. */
const pageTimeoutMs = 60_000;

const report = (message: WorkerReport): Promise<void> =>
  new Promise((resolve) => {
    if (process.send) process.send(message, () => resolve());
    else resolve();
  });

const train = async (order: Extract<WorkerOrder, { kind: 'train' }>): Promise<TrainerOutcome> => {
  const client = serviceClient('monitoring', { ...order.monitoring, timeoutMs: pageTimeoutMs });
  try {
    return await trainOnHistory(
      { telemetry: monitoringTelemetry(client), clock: systemClock },
      order.task,
      (progress) => void report({ kind: 'progress', progress }),
    );
  } catch (error) {
    return { kind: 'failed', words: error instanceof Error ? error.message : String(error) };
  }
};

process.once('disconnect', () => process.exit(1));
process.once('message', async (order: WorkerOrder) => {
  if (order.kind === 'probe') {
    const { name, passedOver } = await loadBackend();
    await report({ kind: 'backend', backend: name, passedOver });
  } else {
    await report({ kind: 'outcome', outcome: await train(order) });
  }
  process.exit(0);
});
