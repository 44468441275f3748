/** Placement's JSON (microversions 1.31 to 1.39), as much of it as is read here. */

export type WireResourceProvider = {
  uuid: string;
  name: string;
  generation: number;
  parent_provider_uuid: string | null;
  root_provider_uuid: string;
  links?: { rel: string; href: string }[];
};
export type WireResourceProviders = { resource_providers: WireResourceProvider[] };

export type WireInventory = {
  total: number;
  reserved: number;
  allocation_ratio: number;
  min_unit: number;
  max_unit: number;
  step_size: number;
};
export type WireInventories = {
  resource_provider_generation: number;
  inventories: Record<string, WireInventory>;
};

export type WireUsages = {
  resource_provider_generation: number;
  usages: Record<string, number>;
};

export type WireConsumerAllocations = {
  allocations: Record<string, { generation?: number; resources: Record<string, number> }>;
  project_id?: string;
  user_id?: string;
  consumer_generation?: number | null;
  consumer_type?: string;
};

export type WireProviderAllocations = {
  resource_provider_generation: number;
  allocations: Record<string, { resources: Record<string, number>; consumer_generation?: number }>;
};

export type WireAllocationCandidates = {
  allocation_requests: {
    allocations: Record<string, { resources: Record<string, number> }>;
    mappings?: Record<string, string[]>;
  }[];
  provider_summaries: Record<
    string,
    {
      resources: Record<string, { capacity: number; used: number }>;
      traits: string[];
      parent_provider_uuid?: string | null;
      root_provider_uuid?: string;
    }
  >;
};

export type WireTraits = { traits: string[]; resource_provider_generation: number };

/** `GET /` of Placement. */
export type WirePlacementVersions = {
  versions: {
    id: string;
    status: string;
    min_version: string;
    max_version: string;
    links?: { rel: string; href: string }[];
  }[];
};

export type WirePlacementFault = {
  errors: { status: number; title: string; detail: string; request_id?: string; code?: string }[];
};
