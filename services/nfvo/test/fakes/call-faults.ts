import { OpenStackError } from '@sidestep/openstack';

/** The process died here: nothing after it happens. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/**
 * What goes wrong with one call. `refused`: 500, nothing done. `no-answer`: nothing done, never answered. `answer-lost`:
 * done, never answered. `half-done`: written to the database, 500 from the driver. `crash-before`, `crash-after`: we die.
 */
export type CallFault =
  | 'refused'
  | 'no-answer'
  | 'answer-lost'
  | 'half-done'
  | 'crash-before'
  | 'crash-after';

/** Faults by the number of the call, from 0. */
export type FaultPlan = ReadonlyMap<number, CallFault>;

export type FaultyCalls = {
  /** Runs one call to the cloud under the plan. `half` does the database's part only. */
  call<T>(name: string, full: () => T, half?: () => void): Promise<T>;
  /** For what is no call of the cloud: dies when the process is dead. */
  alive(): void;
  readonly made: readonly string[];
  plan(next: FaultPlan): void;
};

export function faultyCalls(): FaultyCalls {
  const made: string[] = [];
  let faults: FaultPlan = new Map();
  let count = 0;
  let dead = false;
  const alive = () => {
    if (dead) throw new Crash('dead');
  };
  return {
    made,
    alive,
    plan: (next) => {
      faults = next;
      count = 0;
      dead = false;
    },
    call: async (name, full, half) => {
      alive();
      made.push(name);
      const fault = faults.get(count++);
      switch (fault) {
        case undefined:
          return full();
        case 'refused':
          throw failure(name, 500);
        case 'no-answer':
          throw failure(name, null);
        case 'answer-lost':
          full();
          throw failure(name, null);
        case 'half-done':
          if (half === undefined) throw failure(name, 500);
          half();
          throw failure(name, 500, 'SfcDriverError');
        case 'crash-before':
          dead = true;
          throw new Crash(name);
        case 'crash-after':
          full();
          dead = true;
          throw new Crash(name);
      }
    },
  };
}

function failure(name: string, status: number | null, fault: string | null = null): OpenStackError {
  const [method = 'GET', path = '/'] = name.split(' ');
  return new OpenStackError({
    kind: status === null ? 'timeout' : 'server-error',
    service: 'network',
    method,
    path,
    status,
    requestId: status === null ? null : 'req-injected',
    fault,
    detail: 'injected',
    mayHaveArrived: method !== 'GET',
  });
}

/** A refusal in Neutron's words: nothing was done. */
export function refusal(
  status: 400 | 404 | 409 | 500,
  fault: string,
  detail: string,
): OpenStackError {
  const kind = {
    400: 'bad-request',
    404: 'not-found',
    409: 'conflict',
    500: 'server-error',
  } as const;
  return new OpenStackError({
    kind: kind[status],
    service: 'network',
    method: 'POST',
    path: '/v2.0',
    status,
    requestId: 'req-refused',
    fault,
    detail,
    mayHaveArrived: status === 500,
  });
}
