import { ServiceError } from '@sidestep/contracts';
import { ProblemError } from '@sidestep/service-kit';

/** A call to another service, its failure in the house's words. */
export async function translated<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw problemOf(error);
  }
}

export function problemOf(error: unknown): unknown {
  if (!(error instanceof ServiceError)) return error;
  const code = error.status === null ? 'UPSTREAM_TIMEOUT' : 'UPSTREAM_FAILED';
  return new ProblemError(code, error.message, { cause: error });
}
