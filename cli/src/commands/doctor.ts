import { readFileSync } from 'node:fs';
import { answer, serviceClient } from '@sidestep/contracts';
import type { Output } from '../output.ts';
import { UsageError } from '../usage-error.ts';

export type DoctorOptions = {
  /** Where Monitoring answers. */
  url: string;
  /** File of a viewer's token. */
  tokenFile: string;
};

/** Tells what is wrong with the agents and what to do about it; 0 when nothing is, else 1. */
export async function doctorCollectd(options: DoctorOptions, output: Output): Promise<number> {
  const client = serviceClient('monitoring', {
    baseUrl: options.url,
    token: readToken(options.tokenFile),
  });
  const { hosts, servers, findings } = await answer('monitoring', client.GET('/doctor'));
  for (const { resource, metric, finding, hint } of findings) {
    const who = [resource, metric].filter((part) => part !== null).join(' ');
    output.line(`${finding.padEnd(18)} ${who === '' ? '-' : who}`);
    output.line(`${' '.repeat(18)} ${hint}`);
  }
  const problems = findings.length === 1 ? '1 finding' : `${findings.length} findings`;
  output.line(
    `${hosts} hosts, ${servers} servers: ${findings.length === 0 ? 'all well' : problems}`,
  );
  return findings.length === 0 ? 0 : 1;
}

function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new UsageError(`cannot read the token file ${path}`);
  }
}
