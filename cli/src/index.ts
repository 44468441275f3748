export { type CollectdUser, makeCollectdUser, signedOnly, signingAs } from './collectd-user.ts';
export { emulatorLogin } from './emulator-login.ts';
export { freePort } from './free-ports.ts';
export { type OwnProcess, ownProcesses, type Processes, type ProcessSpec } from './processes.ts';
export { type Stack, type StackOptions, startStack } from './stack.ts';
export { untilInterrupted } from './until-interrupted.ts';
