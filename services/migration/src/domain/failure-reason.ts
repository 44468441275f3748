/** One step of the cloud's own account of a request. */
export type ActionEvent = { event: string; result: string | null; details: string | null };

/**
 * Why a live migration failed, in the cloud's words. Nova tells it only in the events of the instance action; where the
 * hypervisor fails during the copy all of them read Success and nothing is told.
 */
export function failureReason(status: string, events: readonly ActionEvent[] | 'unknown'): string {
  if (status === 'cancelled') return 'somebody else had Nova abort the migration';
  if (events === 'unknown') return `Nova's record ended as ${status}; its reason could not be read`;
  return (
    reasonOf(events) ??
    `Nova's record ended as ${status} although every step of it reads Success: the hypervisor failed during the copy`
  );
}

/** What the step that failed says of itself; null where none did. */
export function reasonOf(events: readonly ActionEvent[] | 'unknown'): string | null {
  const failed = events === 'unknown' ? [] : events.filter(({ result }) => result === 'Error');
  // The conductor's event wraps what a compute said: where both speak, the compute is nearer to the cause.
  const nearest =
    failed.find(({ event, details }) => !event.startsWith('conductor_') && details !== null) ??
    failed.find(({ details }) => details !== null) ??
    failed[0];
  if (nearest === undefined) return null;
  return nearest.details === null
    ? `${nearest.event} failed`
    : `${nearest.event}: ${nearest.details.trim()}`;
}
