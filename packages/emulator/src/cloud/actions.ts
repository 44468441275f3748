import type { ActionEvent, ActionState, ServerState, World } from './world.ts';

/** Nova's conductor runs on the controller, whose host name is not a compute's. */
export const controllerName = 'controller';

/** Records that a request on a server has been taken in. */
export function beginAction(
  world: World,
  server: ServerState,
  action: string,
  requestId: string,
): ActionState {
  const nowMs = world.clock.nowMs();
  const state: ActionState = {
    requestId,
    action,
    startMs: nowMs,
    updatedMs: nowMs,
    message: null,
    events: [],
  };
  server.actions.push(state);
  return state;
}

/** Begins an event of an action. */
export function beginEvent(
  world: World,
  action: ActionState,
  event: string,
  host: string,
): ActionEvent {
  const state: ActionEvent = {
    event,
    startMs: world.clock.nowMs(),
    finishMs: null,
    result: null,
    host,
    details: null,
  };
  action.events.push(state);
  action.updatedMs = state.startMs;
  return state;
}

/** Ends an event; an error is the action's too. */
export function endEvent(
  world: World,
  action: ActionState,
  event: ActionEvent,
  error: string | null,
): void {
  event.finishMs = world.clock.nowMs();
  event.result = error === null ? 'Success' : 'Error';
  event.details = error;
  action.updatedMs = event.finishMs;
  if (error !== null) action.message = 'Error';
}

/** An event that is over at once. */
export function momentEvent(
  world: World,
  action: ActionState,
  event: string,
  host: string,
  error: string | null = null,
): void {
  endEvent(world, action, beginEvent(world, action, event, host), error);
}
