import { answer } from '@sidestep/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyNextHops, SOURCE_INDEX, sendingBreaks } from './flow-rules.ts';
import { type LoadedHosts, startHosts } from './host-load.ts';
import type { Lab } from './lab.ts';
import { boundHosts, healAll, JOB_PREFIX, labCloud, madeByUs, sweep } from './lab-cloud.ts';
import { type LabServer, serverOf } from './lab-description.ts';
import { type JobAccount, type JobChain, type JobSite, pathOf, runMainJob } from './main-job.ts';
import { type MainJobStack, startMainJobStack } from './main-job-stack.ts';
import { timeLine } from './main-job-times.ts';
import type { FlowWatch } from './sfc-journal.ts';
import { takeLab } from './take-lab.ts';

const found = await takeLab();
const title = 'the main job on a real OpenStack';
if (!('reason' in found)) describe(title, () => mainJob(found.lab, found.release));
else test.skip(`${title} (skipped: ${found.reason})`);

function mainJob(lab: Lab, release: () => void): void {
  const cloud = labCloud(lab);
  const [client, fw1, ips1, ips2] = ['client', 'fw-1', 'ips-1', 'ips-2'].map((name) =>
    serverOf(lab.description, name),
  ) as [LabServer, LabServer, LabServer, LabServer];
  let stack: MainJobStack | undefined;
  let hosts: LoadedHosts | undefined;
  let flows: FlowWatch;
  let chain: JobChain;
  let sfcrId = '';

  beforeAll(async () => {
    healAll(lab);
    await sweep(cloud);
    flows = lab.watchFlows();
    stack = await startMainJobStack(lab);
    const names = lab.description.hosts.map(({ name }) => name);
    const started = await startHosts({
      names,
      port: stack.collectdPort,
      signer: stack.collectdUser,
    });
    if (!started.ok) throw new Error(started.reason);
    hosts = started.hosts;
    sfcrId = await answer(
      'nfvo',
      stack.nfvo.POST('/sfcrs', {
        body: {
          name: `${JOB_PREFIX}web`,
          source_client: client.id,
          proto: 'tcp',
          dst_port_min: 80,
          dst_port_max: 80,
          nf_chain: ['firewall', 'ips'],
        },
      }),
    );
    const hops = [[fw1], [ips1, ips2]];
    const id = await answer(
      'nfvo',
      stack.nfvo.POST('/sfcs', {
        body: {
          sfc_name: `${JOB_PREFIX}inspected`,
          sfcr_ids: [sfcrId],
          vnf_instance_ids: hops.map((members) => members.map((member) => member.id)),
          is_symmetric: false,
        },
      }),
    );
    chain = { id, source: client, hops };
  });

  afterAll(async () => {
    try {
      await hosts?.stop();
      await stack?.stop();
      await sweep(cloud);
    } finally {
      lab.heal();
      release();
    }
  });

  const ready = (): JobSite => {
    if (stack === undefined || hosts === undefined) throw new Error('nothing was started');
    return { lab, cloud, stack, hosts };
  };

  describe('least-cpu, a firewall that is its hop’s only member', () => {
    const job = follows(() => runJob({ policy: 'least-cpu', victim: fw1 }));

    theJobIsDone(job, () => fw1);

    test('the destination was the idlest host', () => {
      const { decision, idle } = job();
      const loads = decision.candidates.map(({ cpuPercent }) => cpuPercent);

      expect(decision.destinationHostId).toBe(idle);
      expect(loads).toEqual(loads.toSorted((a, b) => Number(a) - Number(b)));
    });

    test('a holder stood in for the firewall, so that its hop was never empty', () => {
      const [repath] = job().repaths;

      expect(repath?.hops).toMatchObject([
        { method: 'holder', onGap: 'closed', state: 'completed' },
      ]);
      expect(repath?.hops[0]?.gapMs).toBeGreaterThan(0);
    });
  });

  describe('least-risk, one of the two members of a hop', () => {
    const job = follows(() => runJob({ policy: 'least-risk', victim: ips1 }));

    theJobIsDone(job, () => ips1);

    test('the destination had the least risk, by the model or by what stands in for it', () => {
      const { decision } = job();
      const best = decision.candidates.find(({ hostId }) => hostId === decision.destinationHostId);
      const risks = decision.candidates.map(({ risk }) => Number(risk));

      expect(decision.modelVersion ?? decision.fallback).toBeTruthy();
      expect(best?.risk).not.toBeNull();
      expect(best).toBe(decision.candidates[0]);
      expect(Number(best?.risk)).toBeLessThanOrEqual(Math.max(0.05, Math.min(...risks)));
    });

    test('the other member carried the traffic meanwhile', () => {
      const [repath] = job().repaths;

      expect(repath?.hops).toMatchObject([{ method: 'others-carry', state: 'completed' }]);
    });
  });

  test('from the chain’s making on, no hop was ever told an empty next hop', () => {
    const instructions = flows.instructions();

    expect(instructions.some(({ rule }) => rule.portchain_id === chain.id)).toBe(true);
    expect(emptyNextHops(instructions, chain.id)).toEqual([]);
  });

  test('a hop was without a rule only while networking-sfc replaced one', async () => {
    const path = await pathOf({ lab, cloud }, chain);
    const senders = path
      .slice(0, -1)
      .flatMap((hop, index) =>
        hop.map(({ name }) => ({ portChainId: chain.id, host: name, nsi: SOURCE_INDEX - index })),
      );
    const breaks = senders.flatMap((sender) => sendingBreaks(flows.instructions(), sender));
    process.stdout.write(`main job: rules replaced in ${breaks.map(({ forMs }) => forMs)} ms\n`);

    expect(breaks.filter(({ replaced }) => !replaced)).toEqual([]);
  });

  test('NFVO lists the chain as it was asked for', async () => {
    const sfcs = await answer('nfvo', ready().stack.nfvo.GET('/sfcs'));

    expect(sfcs).toMatchObject([{ id: chain.id, sfcr_ids: [sfcrId] }]);
    // A hop's members have no order.
    expect(sfcs.map(({ vnf_instance_ids }) => vnf_instance_ids.map((hop) => new Set(hop)))).toEqual(
      [chain.hops.map((members) => new Set(members.map(({ id }) => id)))],
    );
  });

  test('deleted through NFVO, chain and request leave nothing behind', async () => {
    const { nfvo } = ready().stack;

    await answer('nfvo', nfvo.DELETE('/sfcs/{id}', { params: { path: { id: chain.id } } }));
    await answer('nfvo', nfvo.DELETE('/sfcrs/{id}', { params: { path: { id: sfcrId } } }));

    expect(await madeByUs(cloud)).toEqual([]);
  });

  async function runJob(plan: { policy: string; victim: LabServer }): Promise<JobAccount> {
    const on = ready();
    try {
      const account = await runMainJob(on, { ...plan, chain });
      process.stdout.write(`${timeLine(account)}\n`);
      return account;
    } catch (error) {
      process.stdout.write(`${on.stack.logs()}\n${JSON.stringify(on.hosts.throttling())}\n`);
      throw error;
    }
  }

  /** What holds of every pass, whatever the policy and the hop. */
  function theJobIsDone(job: () => JobAccount, victim: () => LabServer): void {
    test('the alarm of the hot host rose and, once stress-ng had left, cleared', () => {
      const { alarm, cleared, from } = job();

      expect(alarm).toMatchObject({ ruleId: 'host-cpu-high', resource: from, state: 'raised' });
      expect(alarm.value).toBeGreaterThanOrEqual(90);
      expect(cleared).toMatchObject({ id: alarm.id, raisedAt: alarm.raisedAt });
    });

    test('one Nova call in all moved the VNF, ports and all', async () => {
      const account = job();
      const { operation } = account;

      expect(operation).toMatchObject({ state: 'COMPLETED', problem: null });
      expect(account.operations).toBe(1);
      expect(account.newLiveMigrations).toEqual([operation.nova?.requestId]);
      expect(account.hostByNova).toBe(operation.destinationHostId);
      expect(account.hostByNova).not.toBe(account.from);
      expect(new Set(account.hostsByNeutron)).toEqual(new Set([operation.destinationHostId]));
      expect(await boundHosts(cloud, victim().id)).toHaveLength(2);
    });

    test('networking-sfc’s rules have the chain whole on the new host', () => {
      const { operation, pathFaults, repaths } = job();

      expect(pathFaults).toEqual([]);
      expect(operation.repath).toMatchObject({ state: 'completed', hops: 1 });
      expect(repaths).toMatchObject([{ serverId: victim().id, state: 'completed', problem: null }]);
    });

    test('the decision tells what it was made from, and the operation each step', () => {
      const { alarm, decision, from, operation } = job();
      // The chain's hops are not stateless, and no probe is configured.
      const steps = [
        'reserve done',
        'precheck done',
        'drain skipped',
        'migrate done',
        'verify done',
        'repath done',
        'probe skipped',
        'undrain skipped',
        'settle done',
      ];

      expect(decision).toMatchObject({
        state: 'executed',
        mode: 'auto',
        hostId: from,
        serverId: victim().id,
        destinationHostId: operation.destinationHostId,
        operationId: operation.id,
        stayReason: null,
        trigger: { kind: 'alarm', alarmIds: [alarm.id], ruleIds: ['host-cpu-high'] },
      });
      expect(decision.victims.filter(({ chosen }) => chosen)).toMatchObject([
        { serverId: victim().id, cpuSharePercent: expect.any(Number) },
      ]);
      expect(decision.candidates.length + decision.rejected.length).toBeGreaterThanOrEqual(
        lab.description.hosts.length - 1,
      );
      expect(decision.history.map(({ state }) => state)).toEqual([
        'proposed',
        'approved',
        'executed',
      ]);
      expect(operation.steps.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(steps);
      expect(operation.nova).toMatchObject({
        status: 'completed',
        migrationId: expect.any(Number),
        memoryTotalBytes: expect.any(Number),
      });
      expect(operation.durationMs).toBeGreaterThan(0);
    });

    test('no probe measures the lab’s chain, and the record says so: unknown, not zero', () => {
      const unknown = { requestsPerSecond: null, responseTimeMs: null };

      expect(job().operation.chains).toEqual([
        { chainId: chain.id, before: unknown, during: unknown, after: unknown },
      ]);
    });
  }
}

/** Runs a job before the tests of a group, and gives them its account. */
function follows(run: () => Promise<JobAccount>): () => JobAccount {
  let account: JobAccount | undefined;
  beforeAll(async () => {
    account = await run();
  });
  return () => {
    if (account === undefined) throw new Error('the job has not been run');
    return account;
  };
}
