import { execFile } from 'node:child_process';
import type { Clock } from '@sidestep/service-kit';
import type { ChainProber, Probed } from '../../ports/chain-prober.ts';
import type { ProbeSetting } from './probe-settings.ts';

const maxOutputBytes = 64 * 1_024;
const maxDetailChars = 500;

/**
 * Runs the probe that names the chain by id or name, else the one for `*`. Requests for one chain at the same time
 * share one run.
 */
export function configuredProber(probes: readonly ProbeSetting[], clock: Clock): ChainProber {
  const running = new Map<string, Promise<Probed>>();
  return (chain) => {
    const setting =
      probes.find(({ chains }) => chains.includes(chain.id) || chains.includes(chain.name)) ??
      probes.find(({ chains }) => chains.includes('*'));
    if (setting === undefined)
      return Promise.resolve({
        outcome: 'none',
        detail: `No probe is configured for port chain ${chain.id} (${chain.name})`,
      });
    const known = running.get(chain.id);
    if (known !== undefined) return known;
    const run = probed(setting, chain.id, clock).finally(() => running.delete(chain.id));
    running.set(chain.id, run);
    return run;
  };
}

async function probed(setting: ProbeSetting, chainId: string, clock: Clock): Promise<Probed> {
  const startedAtMs = clock.now();
  const { passed, detail } =
    setting.kind === 'http' ? await request(setting) : await command(setting, chainId);
  return {
    outcome: passed ? 'passed' : 'failed',
    probe: setting.name,
    kind: setting.kind,
    tookMs: Math.max(0, Math.round(clock.now() - startedAtMs)),
    detail: detail.slice(0, maxDetailChars),
  };
}

type Outcome = { readonly passed: boolean; readonly detail: string };

async function request(setting: Extract<ProbeSetting, { kind: 'http' }>): Promise<Outcome> {
  const { url, method, timeoutMs, status } = setting;
  try {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    // What matters is that the whole answer comes through the chain, not what it says.
    for await (const _chunk of response.body ?? []);
    const [lowest, highest] = status;
    const passed = response.status >= lowest && response.status <= highest;
    return { passed, detail: `answered ${response.status}` };
  } catch (error) {
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    return { passed: false, detail: timedOut ? `no answer within ${timeoutMs} ms` : why };
  }
}

function command(
  { file, args, timeoutMs }: Extract<ProbeSetting, { kind: 'command' }>,
  chainId: string,
): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      file,
      args.map((arg) => (arg === '{chainId}' ? chainId : arg)),
      {
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: maxOutputBytes,
        // Nothing of ours, above all no secret's path, is for the program.
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
      },
      (error, stdout, stderr) => {
        const said = `${stdout}${stderr}`.trim().split('\n').at(-1) ?? '';
        if (error === null) resolve({ passed: true, detail: said || 'ended with 0' });
        else if (error.killed === true && error.code !== 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
          resolve({ passed: false, detail: `did not end within ${timeoutMs} ms` });
        else
          resolve({
            passed: false,
            detail: `ended with ${error.code ?? error.signal ?? 'a fault'}${said === '' ? '' : `: ${said}`}`,
          });
      },
    );
  });
}
