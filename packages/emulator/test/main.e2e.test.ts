import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createOpenStack } from '@sidestep/openstack';
import { expect, onTestFinished, test } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

test('the process serves a cloud to the unmodified clients, reports by UDP, and stops when told', async () => {
  const socket = createSocket('udp4');
  onTestFinished(() => {
    socket.close();
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const heard = once(socket, 'message');
  const target = `127.0.0.1:${socket.address().port}`;
  const child = spawn(process.execPath, [main, '--spec', 'demo', '--collectd', target], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const { authUrl, credentialsPath } = JSON.parse(String(line));
  const secrets = JSON.parse(readFileSync(credentialsPath, 'utf8'));

  const openstack = createOpenStack({
    authUrl,
    region: secrets.regionName,
    auth: {
      kind: 'password',
      username: secrets.username,
      password: secrets.password,
      projectName: secrets.projectName,
    },
  });

  expect(await openstack.nova.listServers()).toHaveLength(18);
  expect(await openstack.sfc.listPortChains()).toHaveLength(4);
  expect(await heard).toBeDefined();
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  expect(existsSync(credentialsPath)).toBe(false);
});

test('a wrong command line is one clear line', async () => {
  const child = spawn(process.execPath, [main, '--collectd', 'nowhere'], { stdio: 'pipe' });
  const [line] = await once(createInterface({ input: child.stderr }), 'line');

  expect(line).toBe('emulator: --collectd nowhere: ADDRESS:PORT is needed');
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
  expect(code).toBe(1);
});
