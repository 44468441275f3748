import type { Problem } from '@sidestep/contracts';
import { type ProblemCode, problemCatalogue } from './problem-catalogue.ts';

export type FieldFault = {
  /** JSON pointer into the body, or the parameter's place and name. */
  pointer: string;
  detail: string;
};

/** A failure with a code of the catalogue: what the client is told is its detail. */
export class ProblemError extends Error {
  override readonly name: string = 'ProblemError';
  readonly code: ProblemCode;
  readonly errors: readonly FieldFault[];

  constructor(
    code: ProblemCode,
    detail: string,
    options: { errors?: FieldFault[]; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.errors = options.errors ?? [];
  }

  get retryable(): boolean {
    return problemCatalogue[this.code].retry === 'retryable';
  }
}

export class NotFound extends ProblemError {
  override readonly name = 'NotFound';
  constructor(kind: string, id: string) {
    super('NOT_FOUND', `There is no ${kind} ${id}`);
  }
}

export class Conflict extends ProblemError {
  override readonly name = 'Conflict';
  constructor(detail: string) {
    super('CONFLICT', detail);
  }
}

/**
 * The RFC 9457 object of a failure: the one mapper of the house. Anything that is no ProblemError becomes INTERNAL and
 * tells the client nothing but the trace id.
 */
export function toProblem(error: unknown, context: { instance: string; traceId: string }): Problem {
  const known = error instanceof ProblemError ? error : undefined;
  const code = known?.code ?? 'INTERNAL';
  const { status, title } = problemCatalogue[code];
  return {
    type: `https://sidestep.example/problems/${code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail: known?.message ?? `Look for trace ${context.traceId} in the log`,
    instance: context.instance,
    code,
    traceId: context.traceId,
    ...(known && known.errors.length > 0 ? { errors: [...known.errors] } : {}),
  };
}
