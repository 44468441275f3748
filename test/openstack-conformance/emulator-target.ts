import { acceleratedClock, type CloudSpec, type Emulator, startEmulator } from '@sidestep/emulator';
import { createOpenStack } from '@sidestep/openstack';
import type { ConformanceTarget } from './target.ts';

const HOSTS = ['compute1', 'compute2', 'compute3', 'compute4', 'compute5'];

/** Cloud seconds in one of ours: the pace of a quiet lab, without the wait. */
const PACE = 8;

/** Hosts of the lab's size, and nothing on them. */
const SPEC: CloudSpec = {
  name: 'conformance',
  seed: 7,
  region: 'RegionOne',
  hosts: HOSTS.map((name) => ({
    name,
    cores: 32,
    ramMiB: 65_536,
    diskGiB: 1_000,
    backgroundCores: 0.5,
    noisePercent: 1,
    migrationMiBPerSecond: 1_024,
    cpuAllocationRatio: 4,
    ramAllocationRatio: 1,
  })),
  flavors: [
    { id: 'vnf.small', name: 'vnf.small', vcpus: 1, ramMiB: 1_024, diskGiB: 5 },
    { id: 'vnf.big', name: 'vnf.big', vcpus: 4, ramMiB: 40_960, diskGiB: 5 },
  ],
  servers: [],
  chains: [],
  stress: [],
  defaultTraffic: { clients: 4, thinkMs: 100, timeoutMs: 1_000 },
  defaultServerLoad: {
    baseCores: 0.05,
    cpuMsPerRequest: 2,
    dirtyMiBPerSecond: 20,
    workingSetMiB: 64,
    memoryRatio: 0.5,
  },
};

function flowsOf(emulator: Emulator): NonNullable<ConformanceTarget['flows']> {
  return {
    rules: async () =>
      Object.entries(emulator.flows().rules).flatMap(([host, rules]) =>
        rules.map((rule) => ({
          host,
          nodeType: rule.nodeType,
          ingressPortId: rule.ingress,
          egressPortId: rule.egress,
          nextHopAddresses: rule.nextHops.map(({ localEndpoint }) => localEndpoint),
        })),
      ),
    // The emulator gives its hosts 10.77.0.1, 10.77.0.2, … in their order, as the lab does.
    tunnelAddress: async (host) => `10.77.0.${HOSTS.indexOf(host) + 1}`,
    watchEmptyHops: async ({ chainId }) => {
      const seen = emulator.flows().emptyNextHops.length;
      return async () =>
        emulator
          .flows()
          .emptyNextHops.slice(seen)
          .filter((each) => each.chainId === chainId)
          .map(({ host }) => host);
    },
  };
}

/** A fresh emulated cloud as a target, its Nova ending at a microversion. */
export async function emulatorTarget(maxMicroversion: string): Promise<ConformanceTarget> {
  const emulator = await startEmulator(SPEC, {
    maxMicroversion,
    clock: acceleratedClock({ factor: PACE }),
  });
  const { credentials, faults } = emulator;
  return {
    name: `the emulator, Nova up to ${maxMicroversion}`,
    connect: async () =>
      createOpenStack({
        authUrl: emulator.authUrl,
        region: credentials.regionName,
        auth: {
          kind: 'application-credential',
          id: credentials.applicationCredentialId,
          secret: credentials.applicationCredentialSecret,
        },
        timeoutMs: 5_000,
      }),
    hosts: HOSTS,
    networkName: 'svc-net',
    imageName: 'vnf-image',
    smallFlavorId: 'vnf.small',
    bigFlavorId: 'vnf.big',
    pollMs: 20,
    settleWithinMs: 20_000,
    setMigrationFault: async (host, fault) => {
      if (fault === null) faults.liveMigration(host, null);
      else if (fault.kind === 'precheck') faults.liveMigration(host, { precheckFail: fault.text });
      else faults.liveMigration(host, fault.kind === 'hang' ? { hang: true } : { fail: true });
    },
    flows: flowsOf(emulator),
    close: () => emulator.close(),
  };
}
