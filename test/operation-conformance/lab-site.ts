import { answer } from '@sidestep/contracts';
import { wideGuardrails } from '../e2e/guardrails.ts';
import { emptyNextHops, pathFaults } from '../openstack/flow-rules.ts';
import { startHosts } from '../openstack/host-load.ts';
import type { Lab } from '../openstack/lab.ts';
import { healAll, JOB_PREFIX, labCloud, sweep } from '../openstack/lab-cloud.ts';
import { serverOf } from '../openstack/lab-description.ts';
import { pathOf } from '../openstack/main-job.ts';
import { startMainJobStack } from '../openstack/main-job-stack.ts';
import { poll } from '../openstack/poll.ts';
import { readFlowRules } from '../openstack/sfc-journal.ts';
import type { OperationSite } from './site.ts';

const READY_LIMIT_MS = 240_000;

/** Starts the services and five real collectds on the lab, and has NFVO make client → [fw-1] → [ips-1]. */
export async function openLabSite(lab: Lab, release: () => void): Promise<OperationSite> {
  const undo: (() => Promise<void> | void)[] = [release, () => lab.heal()];
  const close = async () => {
    for (const each of undo.splice(0).reverse()) await each();
  };
  try {
    const cloud = labCloud(lab);
    healAll(lab);
    await sweep(cloud);
    undo.push(() => sweep(cloud));
    const flows = lab.watchFlows();
    const stack = await startMainJobStack(lab, {
      // Nova itself takes 60 s to give up a destination whose queue nobody reads.
      SIDESTEP_MIGRATION_TIMEOUT_MS: '100000',
      SIDESTEP_GUARDRAILS: wideGuardrails(),
      SIDESTEP_HOST_REST_MS: '0',
      // The lab's servers have their disks on their hosts.
      SIDESTEP_EVACUATE_REBUILD: 'true',
    });
    undo.push(() => stack.stop());
    const names = lab.description.hosts.map(({ name }) => name);
    const started = await startHosts({
      names,
      port: stack.collectdPort,
      signer: stack.collectdUser,
    });
    if (!started.ok) throw new Error(started.reason);
    undo.push(() => started.hosts.stop());
    const source = serverOf(lab.description, 'client');
    const victim = serverOf(lab.description, 'fw-1');
    const hops = [[victim], [serverOf(lab.description, 'ips-1')]];
    const sfcrId = await answer(
      'nfvo',
      stack.nfvo.POST('/sfcrs', {
        body: {
          name: `${JOB_PREFIX}web`,
          source_client: source.id,
          proto: 'tcp',
          dst_port_min: 80,
          dst_port_max: 80,
          nf_chain: ['firewall', 'ips'],
        },
      }),
    );
    const chainId = await answer(
      'nfvo',
      stack.nfvo.POST('/sfcs', {
        body: {
          sfc_name: `${JOB_PREFIX}operated`,
          sfcr_ids: [sfcrId],
          vnf_instance_ids: hops.map((members) => members.map(({ id }) => id)),
          is_symmetric: false,
        },
      }),
    );
    const chain = { id: chainId, source, hops };
    await poll('every host reports, and the chain is known', READY_LIMIT_MS, async () => {
      const fleet = await answer('monitoring', stack.monitoring.GET('/fleet'));
      const known =
        fleet.chains.some(({ id }) => id === chainId) &&
        fleet.hosts.every(({ telemetry }) => telemetry === 'fresh');
      return known || undefined;
    });
    return {
      migration: stack.migration,
      nfvo: stack.nfvo,
      openstack: cloud,
      victim: { id: victim.id, name: victim.name },
      hosts: names,
      imageName: process.env.SIDESTEP_LAB_IMAGE ?? 'vnf',
      chainFaults: async () =>
        pathFaults(
          readFlowRules(lab.description.sfcFlowsFile),
          chainId,
          await pathOf({ lab, cloud }, chain),
        ),
      emptyNextHops: async () =>
        emptyNextHops(flows.instructions(), chainId).map(({ host }) => host),
      setMigrationFault: (host, fault) => {
        if (fault.kind === 'precheck') lab.inject(host, { lm_precheck_fail: fault.text });
        else lab.inject(host, fault.kind === 'hang' ? { lm_hang: true } : { lm_fail: true });
      },
      killCompute: (host) => lab.killCompute(host),
      silenceAgent: (host) => lab.silenceAgents([host]),
      mend: () => lab.heal(),
      replaceMigration: () => stack.replaceMigration(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
