/** What went wrong, as far as a caller may act on it. */
export type OpenStackErrorKind =
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'bad-request'
  | 'over-limit'
  | 'server-error'
  | 'timeout'
  | 'unreachable'
  | 'protocol';

/** The data of an OpenStackError. */
export type OpenStackErrorFields = {
  readonly kind: OpenStackErrorKind;
  /** Catalogue type of the service: compute, network, … */
  readonly service: string;
  readonly method: string;
  /** Path of the URL, without host and query. */
  readonly path: string;
  /** HTTP status; `null` when there was no answer. */
  readonly status?: number | null;
  /** x-openstack-request-id of the answer. */
  readonly requestId?: string | null;
  /** Name of the fault in the answer: Neutron's `PortPairInUse`, Nova's `conflictingRequest`. */
  readonly fault?: string | null;
  /** The service's own words, or what we found wrong. */
  readonly detail: string;
  /** Overrides what the kind says. */
  readonly retryable?: boolean;
  /** The service may have acted on the request. */
  readonly mayHaveArrived?: boolean;
  /** Wait that the service asked for. */
  readonly retryAfterMs?: number | null;
};

const RETRYABLE: ReadonlySet<OpenStackErrorKind> = new Set([
  'over-limit',
  'server-error',
  'timeout',
  'unreachable',
]);

/** Any failure of a call to an OpenStack service. Holds no header, no body and no secret. */
export class OpenStackError extends Error {
  override readonly name: string = 'OpenStackError';
  readonly kind: OpenStackErrorKind;
  /** The same call may succeed later. Before repeating one that changes something, look at `mayHaveArrived`. */
  readonly retryable: boolean;
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly status: number | null;
  readonly requestId: string | null;
  readonly fault: string | null;
  readonly detail: string;
  readonly mayHaveArrived: boolean;
  readonly retryAfterMs: number | null;

  constructor(fields: OpenStackErrorFields) {
    const status = fields.status ?? null;
    const requestId = fields.requestId ?? null;
    super(
      [
        `${fields.service}: ${fields.method} ${fields.path}`,
        `${status === null ? fields.kind : `${status} (${fields.kind})`}`,
        `${fields.fault ? `${fields.fault}: ` : ''}${fields.detail}`,
      ].join(': ') + (requestId === null ? '' : ` [${requestId}]`),
    );
    this.kind = fields.kind;
    this.retryable = fields.retryable ?? RETRYABLE.has(fields.kind);
    this.service = fields.service;
    this.method = fields.method;
    this.path = fields.path;
    this.status = status;
    this.requestId = requestId;
    this.fault = fields.fault ?? null;
    this.detail = fields.detail;
    this.mayHaveArrived = fields.mayHaveArrived ?? false;
    this.retryAfterMs = fields.retryAfterMs ?? null;
  }
}

/** The service's microversions do not reach what we need. */
export class UnsupportedMicroversion extends OpenStackError {
  override readonly name: string = 'UnsupportedMicroversion';
  readonly required: string;
  readonly offeredMin: string;
  readonly offeredMax: string;

  constructor(
    at: { readonly service: string; readonly path: string },
    needs: { readonly required: string; readonly offeredMin: string; readonly offeredMax: string },
  ) {
    super({
      kind: 'protocol',
      service: at.service,
      method: 'GET',
      path: at.path,
      detail: `microversion ${needs.required} is needed, the server offers ${needs.offeredMin} to ${needs.offeredMax}`,
    });
    this.required = needs.required;
    this.offeredMin = needs.offeredMin;
    this.offeredMax = needs.offeredMax;
  }
}

/** Kind of an HTTP status ≥ 300. */
export function kindOfStatus(status: number): OpenStackErrorKind {
  switch (status) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'forbidden';
    case 404:
    case 410:
      return 'not-found';
    case 409:
      return 'conflict';
    case 413:
    case 429:
      return 'over-limit';
    default:
      if (status >= 500) return 'server-error';
      return status >= 400 ? 'bad-request' : 'protocol';
  }
}
