import type { Principal } from './auth.ts';

/** The operations that the kit itself answers in every service. */
export type CommonOperation = 'getHealth' | 'getReady' | 'getCapabilities' | 'getMetrics';

type OperationShape = {
  parameters: { query?: unknown; path?: unknown };
  requestBody?: unknown;
  responses: object;
};

type Given<T> = T extends undefined ? Record<string, never> : T;
type BodyOf<Op> = Op extends { requestBody: { content: { 'application/json': infer Body } } }
  ? Body
  : Op extends { requestBody: { content: { 'text/plain': string } } }
    ? string
    : undefined;

/** A request that has passed the contract's checks. */
export type Call<Op extends OperationShape> = {
  params: Given<NonNullable<Op['parameters']['path']>>;
  query: Given<NonNullable<Op['parameters']['query']>>;
  body: BodyOf<Op>;
  principal: Principal;
  /** A header of the request by its name, in any case. */
  header(name: string): string | undefined;
  /** Aborts when the caller goes away. */
  signal: AbortSignal;
};

type ReplyOf<Status, Response> = Response extends { content: { 'application/json': infer Body } }
  ? { status: Status; body: Body; headers?: Record<string, string> }
  : Response extends { content: { 'text/event-stream': unknown } }
    ? { status: Status; stream: AsyncIterable<string> }
    : Response extends { content: { 'text/csv': string } }
      ? { status: Status; body: string; headers: { 'content-type': string } }
      : { status: Status; headers?: Record<string, string> };

/** What the contract lets an operation answer; a wrong shape does not compile. Failures are thrown as ProblemError. */
export type Reply<Op extends OperationShape> = {
  [Status in keyof Op['responses'] & number]: ReplyOf<Status, Op['responses'][Status]>;
}[keyof Op['responses'] & number];

export type Handler<Op extends OperationShape> = (call: Call<Op>) => Promise<Reply<Op>> | Reply<Op>;

/** One handler for each operation of a contract, but for those that the kit answers. */
export type Handlers<Operations> = {
  [Id in Exclude<keyof Operations, CommonOperation>]: Operations[Id] extends OperationShape
    ? Handler<Operations[Id]>
    : never;
};

/** A handler whose types the contract has already checked, as the router sees it. */
export type UntypedHandler = (call: {
  params: unknown;
  query: unknown;
  body: unknown;
  principal: Principal;
  header(name: string): string | undefined;
  signal: AbortSignal;
}) => Promise<UntypedReply> | UntypedReply;
export type UntypedReply = {
  status: number;
  body?: unknown;
  /** Server-sent events, as they are to be written; the answer ends with it. */
  stream?: AsyncIterable<string>;
  headers?: Record<string, string>;
};
