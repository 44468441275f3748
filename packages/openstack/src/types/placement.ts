/** A resource provider; for a compute host its name is the hypervisor hostname. */
export type ResourceProvider = {
  readonly id: string;
  readonly name: string;
  readonly generation: number;
  readonly parentId: string | null;
  readonly rootId: string;
};

/** One resource class of a provider; units are the class's (VCPU, MEMORY_MB in MiB, DISK_GB in GiB). */
export type Inventory = {
  readonly total: number;
  readonly reserved: number;
  readonly allocationRatio: number;
  readonly minUnit: number;
  readonly maxUnit: number;
  readonly stepSize: number;
};

/** Inventories by resource class. */
export type Inventories = {
  readonly generation: number;
  readonly byClass: Readonly<Record<string, Inventory>>;
};

/** Amounts by resource class (VCPU; MEMORY_MB in MiB; DISK_GB in GiB). */
export type ResourceAmounts = Readonly<Record<string, number>>;

/** What is allocated on one provider. */
export type Usages = { readonly generation: number; readonly byClass: ResourceAmounts };

/** What one consumer (a server, or a migration while it runs) has claimed, by provider id. */
export type ConsumerAllocations = {
  readonly byProvider: Readonly<Record<string, ResourceAmounts>>;
  readonly consumerGeneration: number | null;
};

/** What was claimed on one provider, by consumer id. */
export type ProviderAllocations = {
  readonly generation: number;
  readonly byConsumer: Readonly<Record<string, ResourceAmounts>>;
};

/** Asks which providers could take the resources now. */
export type AllocationCandidatesQuery = {
  readonly resources: ResourceAmounts;
  readonly required?: readonly string[];
  readonly forbidden?: readonly string[];
  readonly inTree?: string;
  readonly limit?: number;
};

/** One way to claim the resources, by provider id. */
export type AllocationCandidate = {
  readonly byProvider: Readonly<Record<string, ResourceAmounts>>;
};

/** Capacity and use of a provider that occurs in the candidates. */
export type ProviderSummary = {
  readonly capacity: ResourceAmounts;
  readonly used: ResourceAmounts;
  readonly traits: readonly string[];
};

/** Answer to an allocation candidates query. */
export type AllocationCandidates = {
  readonly candidates: readonly AllocationCandidate[];
  readonly summaries: Readonly<Record<string, ProviderSummary>>;
};
