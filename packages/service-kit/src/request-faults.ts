import { type FieldFault, ProblemError } from './problem.ts';

/** What express and the contract's checker throw, as a problem; everything else as it is. */
export function asProblemError(error: unknown): unknown {
  if (error instanceof ProblemError || typeof error !== 'object' || error === null) return error;
  const status = 'status' in error ? error.status : undefined;
  const message = 'message' in error ? String(error.message) : '';
  switch (status) {
    case 400:
      return new ProblemError('INVALID_REQUEST', requestFault(error, message), {
        errors: faultsOf(error),
      });
    case 404:
      return new ProblemError(
        'NOT_FOUND',
        'path' in error ? `There is nothing at ${String(error.path)}` : message,
      );
    case 405:
      return new ProblemError('METHOD_NOT_ALLOWED', message);
    case 413:
      return new ProblemError('PAYLOAD_TOO_LARGE', limitOf(error));
    case 415:
      return new ProblemError('UNSUPPORTED_MEDIA_TYPE', message);
    default:
      return error;
  }
}

function requestFault(error: object, message: string): string {
  if ('type' in error && error.type === 'entity.parse.failed') return 'The body is no JSON';
  const faults = faultsOf(error);
  return faults.length === 0
    ? message
    : `${faults.length} fault${faults.length === 1 ? '' : 's'} in the request`;
}

function limitOf(error: object): string {
  return 'limit' in error
    ? `The body may have at most ${String(error.limit)} bytes`
    : 'The body is too large';
}

function faultsOf(error: object): FieldFault[] {
  if (!('errors' in error) || !Array.isArray(error.errors)) return [];
  return error.errors.map((fault: { path?: string; message?: string }) => ({
    pointer: fault.path ?? '/',
    detail: fault.message ?? 'is not valid',
  }));
}
