/** Nova's JSON, as much of it as is read or written here (microversions 2.84 to 2.90). */

export type WireHypervisor = {
  id: string;
  hypervisor_hostname: string;
  hypervisor_type: string;
  hypervisor_version: number;
  host_ip: string | null;
  state: string;
  status: string;
  service: { id: string; host: string; disabled_reason: string | null };
  servers?: { name: string; uuid: string }[];
  uptime?: string | null;
  /** Microversions below 2.88 only, like the next ones. */
  vcpus?: number;
  vcpus_used?: number;
  memory_mb?: number;
  memory_mb_used?: number;
  local_gb?: number;
  local_gb_used?: number;
  free_ram_mb?: number;
  free_disk_gb?: number;
  running_vms?: number;
  current_workload?: number;
  disk_available_least?: number | null;
  cpu_info?: unknown;
};
export type WireHypervisorsDetail = {
  hypervisors: WireHypervisor[];
  hypervisors_links?: WireLink[];
};

export type WireLink = { rel: string; href: string };

export type WireComputeService = {
  id: string;
  binary: string;
  host: string;
  zone: string;
  status: string;
  state: string;
  updated_at: string | null;
  disabled_reason: string | null;
  forced_down: boolean;
};
export type WireComputeServices = { services: WireComputeService[] };
export type WireComputeServiceShown = { service: WireComputeService };
export type WireComputeServiceUpdate = {
  status?: 'enabled' | 'disabled';
  disabled_reason?: string;
  forced_down?: boolean;
};

export type WireServerFlavor = {
  original_name: string;
  vcpus: number;
  ram: number;
  disk: number;
  ephemeral: number;
  swap: number;
  extra_specs?: Record<string, string>;
};
export type WireServerAddress = {
  version: number;
  addr: string;
  'OS-EXT-IPS:type'?: string;
  'OS-EXT-IPS-MAC:mac_addr'?: string;
};
export type WireServer = {
  id: string;
  name: string;
  status: string;
  tenant_id: string;
  user_id?: string;
  metadata: Record<string, string>;
  hostId?: string;
  image: '' | { id: string; links?: WireLink[] } | null;
  flavor: WireServerFlavor;
  created: string;
  updated: string;
  addresses: Record<string, WireServerAddress[]>;
  'OS-EXT-AZ:availability_zone'?: string | null;
  'OS-EXT-SRV-ATTR:host'?: string | null;
  'OS-EXT-SRV-ATTR:hypervisor_hostname'?: string | null;
  'OS-EXT-STS:task_state': string | null;
  'OS-EXT-STS:vm_state': string;
  'OS-EXT-STS:power_state'?: number;
  host_status?: string;
  locked: boolean;
  tags: string[];
  /** Shown servers only. */
  server_groups?: string[];
  fault?: { code: number; message: string; created: string; details?: string };
  progress?: number;
};
export type WireServers = { servers: WireServer[]; servers_links?: WireLink[] };
export type WireServerShown = { server: WireServer };
export type WireServerCreate = {
  server: {
    name: string;
    flavorRef: string;
    imageRef: string;
    networks: 'none' | 'auto' | ({ port: string } | { uuid: string })[];
    host?: string;
    metadata?: Record<string, string>;
    tags?: string[];
    user_data?: string;
    availability_zone?: string;
  };
  'os:scheduler_hints'?: { group: string };
};
export type WireServerCreated = { server: { id: string; links?: WireLink[]; adminPass?: string } };

export type WireFlavor = {
  id: string;
  name: string;
  vcpus: number;
  ram: number;
  disk: number;
  'OS-FLV-EXT-DATA:ephemeral': number;
  swap: number | '';
  extra_specs?: Record<string, string>;
};
export type WireFlavors = { flavors: WireFlavor[]; flavors_links?: WireLink[] };

export type WireFlavorShown = { flavor: WireFlavor };
export type WireFlavorCreate = {
  flavor: { id?: string; name: string; vcpus: number; ram: number; disk: number };
};

/** Bodies of `POST /servers/{id}/action`. */
export type WireServerAction =
  | { 'os-migrateLive': { host: string | null; block_migration: 'auto' | boolean } }
  | { 'os-stop': null }
  | { 'os-start': null }
  | { migrate: { host?: string } | null }
  | { confirmResize: null }
  | { revertResize: null }
  | { evacuate: { host?: string } };

/** A record of `GET /os-migrations`. */
export type WireMigration = {
  id: number;
  uuid: string;
  instance_uuid: string;
  migration_type: string;
  status: string;
  source_compute: string | null;
  dest_compute: string | null;
  source_node: string | null;
  dest_node: string | null;
  dest_host: string | null;
  old_instance_type_id?: number | null;
  new_instance_type_id?: number | null;
  user_id?: string | null;
  project_id?: string | null;
  created_at: string;
  updated_at: string | null;
  links?: WireLink[];
};
export type WireMigrations = { migrations: WireMigration[]; migrations_links?: WireLink[] };

/** A record of `GET /servers/{id}/migrations`: in progress, with byte counts. */
export type WireServerMigration = {
  id: number;
  uuid: string;
  server_uuid: string;
  status: string;
  source_compute: string | null;
  dest_compute: string | null;
  source_node: string | null;
  dest_node: string | null;
  dest_host: string | null;
  memory_total_bytes: number | null;
  memory_processed_bytes: number | null;
  memory_remaining_bytes: number | null;
  disk_total_bytes: number | null;
  disk_processed_bytes: number | null;
  disk_remaining_bytes: number | null;
  user_id?: string | null;
  project_id?: string | null;
  created_at: string;
  updated_at: string | null;
};
export type WireServerMigrations = { migrations: WireServerMigration[] };
export type WireServerMigrationShown = { migration: WireServerMigration };

export type WireInstanceActionEvent = {
  event: string;
  start_time: string;
  finish_time: string | null;
  result: string | null;
  traceback?: string | null;
  host?: string | null;
  hostId?: string;
  details: string | null;
};
export type WireInstanceAction = {
  action: string;
  instance_uuid: string;
  request_id: string;
  user_id: string | null;
  project_id: string | null;
  start_time: string;
  updated_at: string | null;
  message: string | null;
  events?: WireInstanceActionEvent[];
};
export type WireInstanceActions = { instanceActions: WireInstanceAction[]; links?: WireLink[] };
export type WireInstanceActionShown = { instanceAction: WireInstanceAction };

export type WireServerGroup = {
  id: string;
  name: string;
  policy: string;
  rules: { max_server_per_host?: number };
  members: string[];
  project_id?: string;
  user_id?: string;
};
export type WireHostAggregate = {
  id: number;
  uuid: string;
  name: string;
  hosts: string[];
  metadata: Record<string, string>;
  availability_zone: string | null;
};
export type WireServerGroups = { server_groups: WireServerGroup[] };

/** `GET /v2.1/`. */
export type WireComputeVersion = {
  version: { id: string; status: string; version: string; min_version: string; links?: WireLink[] };
};

/** Nova's errors: one member, named after the fault. */
export type WireNovaFault = Record<string, { code: number; message: string }>;
