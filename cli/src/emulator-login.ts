import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emulator } from '@sidestep/emulator';

/** The OS_… variables by which a service reaches the emulated cloud; its password goes into a private file of the folder. */
export function emulatorLogin(cloud: Emulator, dataDir: string): Record<string, string> {
  const { credentials } = cloud;
  const passwordFile = join(dataDir, 'openstack.password');
  writeFileSync(passwordFile, credentials.password, { mode: 0o600 });
  return {
    OS_AUTH_URL: credentials.authUrl,
    OS_USERNAME: credentials.username,
    OS_PASSWORD_FILE: passwordFile,
    OS_PROJECT_NAME: credentials.projectName,
    OS_USER_DOMAIN_NAME: credentials.userDomainName,
    OS_PROJECT_DOMAIN_NAME: credentials.projectDomainName,
    OS_REGION_NAME: credentials.regionName,
  };
}
