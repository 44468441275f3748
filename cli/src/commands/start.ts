import { serviceNames } from '@sidestep/contracts';
import type { Output } from '../output.ts';
import { startStack } from '../stack.ts';
import { untilInterrupted } from '../until-interrupted.ts';
import { UsageError } from '../usage-error.ts';

export type StartOptions = {
  portBase: number;
  collectdPort: number;
  dataDir: string;
  redisUrl?: string;
};

/** Runs the four services against the OpenStack that the OS_… variables name, until interrupted. */
export async function start(options: StartOptions, output: Output): Promise<number> {
  const missing = missingVariables(process.env);
  if (missing.length > 0) {
    throw new UsageError(
      `set ${missing.join(', ')} (README, "Your own OpenStack, InfluxDB and Redis")`,
    );
  }
  const stack = await startStack({
    dataDir: options.dataDir,
    portBase: options.portBase,
    collectdPort: options.collectdPort,
    ...(options.redisUrl === undefined ? {} : { redisUrl: options.redisUrl }),
    openstack: {},
  });
  for (const name of serviceNames) output.line(`${name.padEnd(10)} ${stack.url[name]}/docs/`);
  output.line(
    `collectd   udp 127.0.0.1:${options.collectdPort}; agents sign as in ${stack.collectdUser.usersFile}`,
  );
  output.line(`tokens     ${stack.access.tokenFile.viewer}, …/operator.token, …/admin.token`);
  output.line(`logs       ${stack.logDir}`);
  return untilInterrupted(stack, output, () => stack.processes.watch());
}

/** What is needed to log in to OpenStack and is not there. */
export function missingVariables(env: Record<string, string | undefined>): string[] {
  const missing = (names: readonly string[]) => names.filter((name) => !env[name]);
  const credential = ['OS_APPLICATION_CREDENTIAL_ID', 'OS_APPLICATION_CREDENTIAL_SECRET_FILE'];
  if (env.OS_APPLICATION_CREDENTIAL_ID) return missing(['OS_AUTH_URL', ...credential]);
  return missing(['OS_AUTH_URL', 'OS_USERNAME', 'OS_PASSWORD_FILE', 'OS_PROJECT_NAME']);
}
