import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CpuGroup } from './cpu-groups.ts';
import { type OwnedProcess, startProcess } from './owned-process.ts';

/** A host as its collectd sees it. */
export interface CollectdHost {
  name: string;
  group: CpuGroup;
  /** The group's quota: 100 % of the host's CPU. */
  quotaCores: number;
  /** Cores that the host has according to Nova; the quota stands for all of them. */
  cores: number;
  /** Where its datagrams go, on loopback. */
  port: number;
  intervalSeconds: number;
  /** Whom it signs as. */
  signer: { user: string; password: string };
  /** For its configuration and log; readable to all, as the measuring script does not run as root. */
  folder: string;
}

/** Where Debian's collectd-core puts the daemon. */
export const COLLECTD = '/usr/sbin/collectd';
const SCRIPT = 'cpu-of-group.sh';

/** The configuration of a real collectd that reports a CPU group as the CPU of a host. */
export function collectdConfig(host: CollectdHost): string {
  const script = join(host.folder, SCRIPT);
  const measure = [
    host.group.usageFile,
    String(Math.round(host.quotaCores * 1000)),
    String(host.cores),
    join(host.group.usageFile, '..'),
  ];
  return `Hostname "${host.name}"
FQDNLookup false
Interval ${host.intervalSeconds}
BaseDir "${host.folder}"
PIDFile "${join(host.folder, 'collectd.pid')}"
TypesDB "/usr/share/collectd/types.db"
PluginDir "/usr/lib/collectd"
ReadThreads 1
WriteThreads 1
LoadPlugin logfile
<Plugin logfile>
  LogLevel notice
  File STDERR
</Plugin>
LoadPlugin exec
<Plugin exec>
  Exec "nobody:nogroup" "/bin/bash" "${script}" ${measure.map((part) => `"${part}"`).join(' ')}
</Plugin>
# Unflushed, the few values of a host would take ten seconds to fill a datagram.
<LoadPlugin network>
  FlushInterval ${host.intervalSeconds}
</LoadPlugin>
<Plugin network>
  <Server "127.0.0.1" "${host.port}">
    SecurityLevel Sign
    Username "${host.signer.user}"
    Password "${host.signer.password}"
  </Server>
</Plugin>
`;
}

/** Starts the collectd of a host, in the foreground of the harness. */
export async function startCollectd(host: CollectdHost): Promise<OwnedProcess> {
  mkdirSync(host.folder, { recursive: true });
  chmodSync(host.folder, 0o755);
  copyFileSync(join(import.meta.dirname, SCRIPT), join(host.folder, SCRIPT));
  chmodSync(join(host.folder, SCRIPT), 0o755);
  const configFile = join(host.folder, 'collectd.conf');
  writeFileSync(configFile, collectdConfig(host));
  return startProcess({
    command: COLLECTD,
    args: ['-f', '-C', configFile],
    logFile: join(host.folder, 'collectd.log'),
  });
}

/** What the machine lacks for real collectd hosts; undefined: nothing. */
export function missingForHosts(): string | undefined {
  if (process.getuid?.() !== 0) return 'control groups need root';
  if (!existsSync(COLLECTD)) return `${COLLECTD} is not installed (package collectd-core)`;
  if (!existsSync('/usr/bin/stress-ng')) return 'stress-ng is not installed (package stress-ng)';
  return undefined;
}
