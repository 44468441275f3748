import type { ServiceName } from '../faults.ts';

/** A refusal; each service words it in its own form. */
export class ApiError extends Error {
  readonly status: number;
  /** Neutron's exception name; other services derive theirs from the status. */
  readonly type: string;

  constructor(status: number, message: string, type = 'HTTPBadRequest') {
    super(message);
    this.status = status;
    this.type = type;
  }
}

const novaFaults: Readonly<Record<number, string>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  429: 'overLimit',
  501: 'notImplemented',
  503: 'serviceUnavailable',
};

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** The body of a refusal, as the service would write it. */
export function errorBody(service: ServiceName, error: ApiError, requestId: string): unknown {
  const { status, message, type } = error;
  const title = titles[status] ?? 'Error';
  // keystonemiddleware answers 401 for every service, in its own words.
  if (service === 'identity' || status === 401) return { error: { code: status, message, title } };
  if (service === 'compute')
    return { [novaFaults[status] ?? 'computeFault']: { code: status, message } };
  if (service === 'network') return { NeutronError: { type, message, detail: '' } };
  if (service === 'placement')
    return { errors: [{ status, title, detail: message, request_id: requestId }] };
  return { code: status, title, message };
}
