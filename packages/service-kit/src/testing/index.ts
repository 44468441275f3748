export { type BadRequest, badRequests } from './bad-requests.ts';
export { fakeService } from './fake-service.ts';
export { type ManualClock, manualClock } from './manual-clock.ts';
export { type MemoryJobs, memoryJobs } from './memory-jobs.ts';
export { describeRecords } from './records-conformance.ts';
export { testToken, testTokens } from './tokens.ts';
