import type { components } from './generated/monitoring.ts';
import type { ServiceName } from './service-names.ts';

/** RFC 9457 problem details, as every service answers them. */
export type Problem = components['schemas']['Problem'];

/** Another Sidestep service refused, failed or did not answer. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly service: ServiceName;
  /** HTTP status; null when there was no answer. */
  readonly status: number | null;
  readonly problem: Problem | null;
  /** May the same request be sent again with hope of another answer? */
  readonly retryable: boolean;

  constructor(
    service: ServiceName,
    failure: { status: number | null; problem: Problem | null; detail: string; cause?: unknown },
  ) {
    super(`${service}: ${failure.detail}`, { cause: failure.cause });
    this.service = service;
    this.status = failure.status;
    this.problem = failure.problem;
    this.retryable = failure.status === null || failure.status === 429 || failure.status >= 502;
  }
}
