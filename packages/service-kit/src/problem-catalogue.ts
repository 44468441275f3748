/**
 * Every code that a problem may bear. `permanent`: the same request will fail again; `retryable`: it may not.
 * docs/problems.md describes each; a test keeps both equal.
 */
export const problemCatalogue = {
  INVALID_REQUEST: { status: 400, title: 'The request is not valid', retry: 'permanent' },
  UNAUTHORIZED: { status: 401, title: 'A valid token is needed', retry: 'permanent' },
  FORBIDDEN: { status: 403, title: 'The token may not do this', retry: 'permanent' },
  NOT_FOUND: { status: 404, title: 'No such thing', retry: 'permanent' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'No such operation here', retry: 'permanent' },
  CONFLICT: { status: 409, title: 'It is not in a state for this', retry: 'permanent' },
  VERSION_CONFLICT: { status: 409, title: 'It was changed meanwhile', retry: 'retryable' },
  PAYLOAD_TOO_LARGE: { status: 413, title: 'The body is too large', retry: 'permanent' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body is of another type', retry: 'permanent' },
  QUERY_TOO_LARGE: { status: 422, title: 'The answer would be too large', retry: 'permanent' },
  UNPROCESSABLE: {
    status: 422,
    title: 'The request cannot be carried out as it stands',
    retry: 'permanent',
  },
  TOO_MANY_REQUESTS: { status: 429, title: 'Too many requests', retry: 'retryable' },
  INTERNAL: { status: 500, title: 'Something went wrong here', retry: 'retryable' },
  NOT_AVAILABLE_HERE: { status: 501, title: 'This installation cannot do it', retry: 'permanent' },
  UPSTREAM_FAILED: { status: 502, title: 'A system that we depend on refused', retry: 'retryable' },
  UNAVAILABLE: { status: 503, title: 'Not ready', retry: 'retryable' },
  UPSTREAM_TIMEOUT: {
    status: 504,
    title: 'A system that we depend on did not answer',
    retry: 'retryable',
  },
  NO_DESTINATION: { status: 409, title: 'No host can take the server', retry: 'retryable' },
  HELD_BACK: { status: 409, title: 'A guardrail holds the move back', retry: 'retryable' },
  KILL_SWITCH: { status: 409, title: 'The kill switch is engaged', retry: 'permanent' },
  PRECHECK_FAILED: { status: 409, title: 'The move would not work', retry: 'permanent' },
  MIGRATION_FAILED: {
    status: 502,
    title: 'Nova did not carry the live migration out',
    retry: 'retryable',
  },
  MIGRATION_OVERTAKEN: { status: 409, title: 'Somebody else moves the server', retry: 'permanent' },
  MIGRATION_TIMEOUT: {
    status: 504,
    title: 'The live migration did not end in time',
    retry: 'permanent',
  },
  MIGRATION_NOT_CONVERGING: {
    status: 504,
    title: 'The live migration did not converge',
    retry: 'permanent',
  },
  OPERATION_ABORTED: { status: 409, title: 'The operation was aborted', retry: 'permanent' },
  VERIFICATION_FAILED: {
    status: 502,
    title: 'The server is not where it should be',
    retry: 'permanent',
  },
  REPATH_FAILED: { status: 502, title: 'A chain could not be made whole', retry: 'retryable' },
  NOT_ENOUGH_DATA: { status: 409, title: 'There is too little data', retry: 'retryable' },
  TRAINING_FAILED: { status: 500, title: 'The training failed', retry: 'retryable' },
  MODEL_REFUSED: { status: 409, title: 'The model cannot be used', retry: 'permanent' },
} as const satisfies Record<
  string,
  { status: number; title: string; retry: 'permanent' | 'retryable' }
>;

export type ProblemCode = keyof typeof problemCatalogue;
