export { composeNfvo } from './compose.ts';
export { type NfvoConfig, type NfvoSettings, readNfvoConfig } from './config.ts';
