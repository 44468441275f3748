import type { MigrationClient, NfvoClient } from '@sidestep/contracts';
import type { OpenStack } from '@sidestep/openstack';
import type { HostMigrationFault } from '../openstack-conformance/target.ts';

/** Sidestep's services on an OpenStack whose hosts can be made to fail. */
export type OperationSite = {
  readonly migration: MigrationClient;
  readonly nfvo: NfvoClient;
  /** Asked past the services. */
  readonly openstack: OpenStack;
  /** The VNF that is moved: the only member of its hop. */
  readonly victim: { readonly id: string; readonly name: string };
  readonly hosts: readonly string[];
  readonly imageName: string;
  /** What is wrong with the chain's flow rules for where its members are; empty = whole. */
  chainFaults(): Promise<readonly string[]>;
  /** Hosts that were ever told to steer past a hop. */
  emptyNextHops(): Promise<readonly string[]>;
  /** What goes wrong with a live migration from or to a host. */
  setMigrationFault(host: string, fault: HostMigrationFault): void;
  /** Only nova-compute dies. */
  killCompute(host: string): void;
  silenceAgent(host: string): void;
  /** Takes every fault back. */
  mend(): void;
  /** kill -9 of Migration; the next one is there when it resolves. */
  replaceMigration(): Promise<void>;
  close(): Promise<void>;
};

/** Where the rules run, and how patient they have to be. */
export type OperationTarget = {
  readonly name: string;
  open(): Promise<OperationSite>;
  /** Within which anything awaited has to happen. */
  readonly limitMs: number;
  readonly pollMs: number;
};
