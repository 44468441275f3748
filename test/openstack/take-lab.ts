import { join } from 'node:path';
import { takeExclusively } from '../openstack-conformance/exclusive-run.ts';
import { missingForHosts } from './collectd-host.ts';
import { connectLab, type Lab, labFolder } from './lab.ts';

/** The running lab for this run alone, with what hosts of real collectd processes need; or why there is none. */
export async function takeLab(): Promise<{ lab: Lab; release(): void } | { reason: string }> {
  const reason = missingForHosts();
  if (reason !== undefined) return { reason };
  const folder = labFolder(process.env);
  const connected = await connectLab(folder);
  if (!connected.ok) return connected;
  const taken = takeExclusively(join(folder, 'conformance.lock'));
  if ('heldBy' in taken) return { reason: `the run of process ${taken.heldBy} has the lab` };
  return { lab: connected.lab, release: taken.release };
}
