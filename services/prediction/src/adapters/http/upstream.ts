import { answer, ServiceError, type ServiceName } from '@sidestep/contracts';
import { ProblemError } from '@sidestep/service-kit';

/** The data of a call to another service; its failure as a problem of ours. */
export async function upstream<T>(
  service: ServiceName,
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  try {
    return await answer(service, call);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw new ProblemError(
      error.status === null ? 'UPSTREAM_TIMEOUT' : 'UPSTREAM_FAILED',
      error.message,
      { cause: error },
    );
  }
}
