import type { JobAccount } from './main-job.ts';

/** How long each part of a pass took, from the services' own records, in one line. */
export function timeLine({ alarm, cleared, heatedAtMs, operation }: JobAccount): string {
  const ended = (name: string) =>
    msOf(operation.steps.findLast((step) => step.name === name)?.endedAt);
  const raised = msOf(alarm.raisedAt);
  const called = msOf(operation.nova?.requestedAt);
  const moved = ended('verify');
  const repathed = ended('repath');
  const parts = [
    `hot → alarm ${seconds(heatedAtMs, raised)}`,
    `alarm → call ${seconds(raised, called)}`,
    `call → moved ${seconds(called, moved)}`,
    `moved → re-pathed ${seconds(moved, repathed)} (gap ${operation.repath?.gapMs ?? '?'} ms)`,
    `whole operation ${seconds(0, operation.durationMs)}`,
    `hot → cleared ${seconds(heatedAtMs, msOf(cleared.clearedAt))}`,
  ];
  return `main job: ${operation.serverName} ${operation.sourceHostId} → ${operation.destinationHostId}: ${parts.join(', ')}`;
}

function msOf(timestamp: string | null | undefined): number | null {
  return timestamp == null ? null : Date.parse(timestamp);
}

function seconds(from: number | null, to: number | null): string {
  return from === null || to === null ? 'unknown' : `${((to - from) / 1000).toFixed(1)} s`;
}
