import { createOpenStack } from '@sidestep/openstack';
import { chainId, serverId, spec } from '../e2e/cloud.ts';
import { startRig } from '../e2e/rig.ts';
import { describeOperations } from './describe-operations.ts';

describeOperations({
  name: 'the emulator',
  limitMs: 45_000,
  pollMs: 50,
  open: async () => {
    const rig = await startRig({
      settings: { SIDESTEP_MIGRATION_TIMEOUT_MS: '6000', SIDESTEP_EVACUATE_REBUILD: 'true' },
    });
    const { cloud } = rig;
    const { applicationCredentialId: id, applicationCredentialSecret: secret } = cloud.credentials;
    return {
      migration: rig.client('migration'),
      nfvo: rig.client('nfvo'),
      openstack: createOpenStack({
        authUrl: cloud.authUrl,
        region: cloud.credentials.regionName,
        auth: { kind: 'application-credential', id, secret },
        timeoutMs: 5_000,
      }),
      victim: { id: serverId('fw'), name: 'fw' },
      hosts: spec.hosts.map(({ name }) => name),
      imageName: 'vnf-image',
      chainFaults: async () => {
        const path = cloud.flows().chains.find((each) => each.chainId === chainId);
        return path?.state === 'whole' ? [] : [`the chain is ${path?.state ?? 'nowhere'}`];
      },
      emptyNextHops: async () => cloud.flows().emptyNextHops.map(({ host }) => host),
      setMigrationFault: (host, fault) => {
        if (fault.kind === 'precheck')
          cloud.faults.liveMigration(host, { precheckFail: fault.text });
        else cloud.faults.liveMigration(host, { [fault.kind]: true });
      },
      killCompute: (host) => cloud.faults.computeDown(host),
      silenceAgent: (host) => cloud.faults.agentDown(host),
      mend: () => cloud.faults.reset(),
      replaceMigration: async () => {
        await rig.kill('migration');
        await rig.stack.restart('migration');
      },
      close: () => rig.close(),
    };
  },
});
