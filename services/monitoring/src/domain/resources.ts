/** Whom a collectd agent reports for. */
export interface ReportedResource {
  readonly kind: 'host' | 'server';
  readonly id: string;
  /** A server's vCPUs, needed to turn CPU time into a share. */
  readonly vcpus: number | 'unknown';
}

/** What the inventory tells about names; `servers` by UUID. */
export interface KnownResources {
  readonly hosts: ReadonlySet<string>;
  readonly servers: ReadonlyMap<string, { readonly name: string; readonly vcpus: number }>;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Finds whom an agent's host name means: a compute host, a server by UUID, a server by a name that only one bears, or a compute
 * host by the first label of its full name. A name that nobody knows is a server's when it is a UUID, else a host's.
 */
export function resourceDirectory(known: KnownResources): (agentHost: string) => ReportedResource {
  const byName = new Map<string, string | 'ambiguous'>();
  for (const [id, { name }] of known.servers) {
    byName.set(name, byName.has(name) ? 'ambiguous' : id);
  }
  const server = (id: string): ReportedResource => ({
    kind: 'server',
    id,
    vcpus: known.servers.get(id)?.vcpus ?? 'unknown',
  });
  const host = (id: string): ReportedResource => ({ kind: 'host', id, vcpus: 'unknown' });
  return (agentHost) => {
    if (known.hosts.has(agentHost)) return host(agentHost);
    if (known.servers.has(agentHost)) return server(agentHost);
    const named = byName.get(agentHost);
    if (named !== undefined && named !== 'ambiguous') return server(named);
    const label = agentHost.split('.', 1)[0] ?? agentHost;
    if (known.hosts.has(label)) return host(label);
    return UUID.test(agentHost) ? server(agentHost.toLowerCase()) : host(agentHost);
  };
}
