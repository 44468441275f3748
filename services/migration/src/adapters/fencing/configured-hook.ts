import type { MigrationConfig } from '../../config.ts';
import type { FencingHook } from '../../ports/fencing.ts';
import { commandHook } from './command-hook.ts';
import { webhook } from './webhook.ts';

/** The fencing hook of the settings; null where there is none. */
export function configuredHook(config: MigrationConfig): FencingHook | null {
  const timeoutMs = config.SIDESTEP_FENCING_TIMEOUT_MS;
  const { SIDESTEP_FENCING_COMMAND: path, SIDESTEP_FENCING_URL: url } = config;
  if (path !== undefined) return commandHook({ path, timeoutMs });
  if (url === undefined) return null;
  return webhook({ url, token: config.SIDESTEP_FENCING_TOKEN_FILE, timeoutMs });
}

/** What the fencing hook is, without what it may hold of secrets; null without one. */
export function hookInWords(config: MigrationConfig): string | null {
  if (config.SIDESTEP_FENCING_COMMAND !== undefined) return 'a command of the operator';
  return config.SIDESTEP_FENCING_URL === undefined ? null : 'a webhook of the operator';
}
