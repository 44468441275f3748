import { z } from 'zod';
import { ConfigError, readConfig, setting } from './config.ts';

/** How to log in to OpenStack, by the names of its own clients; secrets come from files. */
export const openStackSettings = {
  OS_AUTH_URL: setting.url(),
  OS_USERNAME: setting.text().optional(),
  OS_PASSWORD_FILE: setting.secretFile().optional(),
  OS_PROJECT_NAME: setting.text().optional(),
  OS_USER_DOMAIN_NAME: setting.text().default('Default'),
  OS_PROJECT_DOMAIN_NAME: setting.text().default('Default'),
  OS_APPLICATION_CREDENTIAL_ID: setting.text().optional(),
  OS_APPLICATION_CREDENTIAL_SECRET_FILE: setting.secretFile().optional(),
  OS_REGION_NAME: setting.text().optional(),
  OS_INTERFACE: z.enum(['public', 'internal', 'admin']).default('public'),
};

const schema = z.object(openStackSettings);

/** The login that the environment describes; faults are thrown as one ConfigError. */
export function openStackLoginOf(env: Record<string, string | undefined>) {
  return openStackLogin(readConfig(schema, env));
}

/** The settings as `createOpenStack` takes them; an application credential goes before a password. */
export function openStackLogin(settings: z.output<typeof schema>) {
  return {
    authUrl: settings.OS_AUTH_URL,
    auth: authOf(settings),
    interface: settings.OS_INTERFACE,
    ...(settings.OS_REGION_NAME === undefined ? {} : { region: settings.OS_REGION_NAME }),
  };
}

function authOf(settings: z.output<typeof schema>) {
  const id = settings.OS_APPLICATION_CREDENTIAL_ID;
  const secret = settings.OS_APPLICATION_CREDENTIAL_SECRET_FILE;
  if (id !== undefined && secret !== undefined) {
    return { kind: 'application-credential' as const, id, secret };
  }
  if (id !== undefined || secret !== undefined) {
    throw new ConfigError([
      'OS_APPLICATION_CREDENTIAL_ID and OS_APPLICATION_CREDENTIAL_SECRET_FILE go together',
    ]);
  }
  const username = settings.OS_USERNAME;
  const password = settings.OS_PASSWORD_FILE;
  const projectName = settings.OS_PROJECT_NAME;
  if (username === undefined || password === undefined || projectName === undefined) {
    throw new ConfigError([
      'OS_…: either OS_USERNAME, OS_PASSWORD_FILE and OS_PROJECT_NAME are needed, or OS_APPLICATION_CREDENTIAL_ID and OS_APPLICATION_CREDENTIAL_SECRET_FILE',
    ]);
  }
  return {
    kind: 'password' as const,
    username,
    password,
    projectName,
    userDomainName: settings.OS_USER_DOMAIN_NAME,
    projectDomainName: settings.OS_PROJECT_DOMAIN_NAME,
  };
}
