export type { Problem } from '@sidestep/contracts';
export {
  type Capability,
  createServiceApp,
  type ReadinessCheck,
  type ServiceAppOptions,
} from './app.ts';
export { mayAct, type Principal, type Role, roles, type TokenEntry, tokenDigest } from './auth.ts';
export { type BullJobsOptions, bullmqJobs } from './bullmq-jobs.ts';
export { type Clock, everyMs, systemClock, type Ticker } from './clock.ts';
export { ConfigError, commonSettings, readConfig, setting } from './config.ts';
export { type ContractOperation, contractOperations } from './contract-operations.ts';
export { EventReaders } from './event-readers.ts';
export { forgetEnded } from './forget-ended.ts';
export type { Call, Handler, Handlers, Reply } from './handlers.ts';
export type { Job, JobOptions, Jobs, Worker } from './jobs.ts';
export { type Running, runProcess } from './life-cycle.ts';
export { type Listening, listen, PortInUse } from './listen.ts';
export { createLog, type Log, silentLog } from './log.ts';
export { openStackLogin, openStackLoginOf, openStackSettings } from './openstack-settings.ts';
export { Conflict, type FieldFault, NotFound, ProblemError, toProblem } from './problem.ts';
export { type ProblemCode, problemCatalogue } from './problem-catalogue.ts';
export {
  type Fence,
  FenceLost,
  type ListQuery,
  type OutboxEvent,
  type PendingEvent,
  type Records,
  type Stored,
  update,
  VersionConflict,
  type Write,
} from './records.ts';
export { sqliteRecords } from './sqlite-records.ts';
