import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectLab, labFolder } from './lab.ts';
import { parseLabDescription } from './lab-description.ts';

const description = {
  authUrl: 'http://127.0.0.1:1/v3',
  regionName: 'RegionOne',
  credentialsFile: '/lab/credentials.json',
  sfcFlowsFile: '/lab/sfc-flows.json',
  sfcJournalFile: '/lab/sfc-flows.jsonl',
  virtControlDir: '/lab/virt',
  agentsDownFile: '/lab/agents-down.json',
  services: [{ name: 'keystone', up: true, pid: process.pid, port: 1 }],
  hosts: [
    { name: 'compute1', tunnelIp: '10.77.0.1', state: 'up', agentAlive: true, computePid: 7 },
  ],
  servers: [
    {
      id: 's1',
      name: 'fw-1',
      status: 'ACTIVE',
      host: 'compute1',
      ports: { ingress: 'p1', egress: 'p2' },
    },
  ],
};

test('a server of the lab has its ports by what they are for', () => {
  const lab = parseLabDescription(JSON.stringify(description));

  expect(lab.servers[0]?.ports).toEqual({ ingress: 'p1', egress: 'p2' });
  expect(lab.hosts[0]).toMatchObject({ name: 'compute1', computePid: 7 });
});

test('a description without a field is refused by the name of the field', () => {
  const { authUrl: _, ...rest } = description;

  expect(() => parseLabDescription(JSON.stringify(rest))).toThrow('authUrl');
});

test('without a lab a test learns how to start one', async () => {
  expect(await connectLab('/nowhere')).toEqual({
    ok: false,
    reason: 'no lab in /nowhere: start one with ./sidestep lab up',
  });
});

test('a lab whose services have ended is down, whatever its file says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-'));
  const dead = { ...description, services: [{ name: 'keystone', pid: null }] };
  writeFileSync(join(folder, 'lab.json'), JSON.stringify(dead));

  const result = await connectLab(folder);
  rmSync(folder, { recursive: true });

  expect(result).toEqual({ ok: false, reason: `the lab in ${folder} is down: keystone` });
});

test('the lab is where SIDESTEP_LAB says', () => {
  expect(labFolder({ SIDESTEP_LAB: '/elsewhere' })).toBe('/elsewhere');
});

test('a compute is killed only while its pid is that of the lab’s own process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-'));
  mkdirSync(join(folder, 'run'));
  // This very process: not a compute, and it must live on.
  writeFileSync(join(folder, 'run', 'compute-compute1.pid'), String(process.pid));
  const server = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
  await new Promise<void>((resolve) => server.once('listening', () => resolve()));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const authUrl = `http://127.0.0.1:${port}/v3`;
  writeFileSync(join(folder, 'lab.json'), JSON.stringify({ ...description, authUrl }));

  const result = await connectLab(folder);
  const kill = () => (result.ok ? result.lab.killCompute('compute1') : undefined);

  expect(result.ok).toBe(true);
  expect(kill).toThrow('names no nova-compute of the lab');
  server.close();
  rmSync(folder, { recursive: true });
});
