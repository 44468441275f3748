import { answer, ServiceError, type ServiceName } from '@sidestep/contracts';
import { type ProblemCode, ProblemError } from '@sidestep/service-kit';

/** The data of a call to another service; its failure as a problem of ours. */
export async function upstream<T>(
  service: ServiceName,
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  try {
    return await answer(service, call);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw new ProblemError(codeOf(error), error.message, { cause: error });
  }
}

function codeOf({ status, problem }: ServiceError): ProblemCode {
  if (status === null) return 'UPSTREAM_TIMEOUT';
  // Who asked can ask for less.
  return problem?.code === 'QUERY_TOO_LARGE' ? 'QUERY_TOO_LARGE' : 'UPSTREAM_FAILED';
}
