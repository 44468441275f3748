import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, type Role, silentLog } from '@sidestep/service-kit';
import { testToken, testTokens } from '@sidestep/service-kit/testing';
import { composePrediction, type PredictionParts } from '../../src/compose.ts';
import { predictionConfig } from '../../src/config.ts';

export type RunningPrediction = {
  url: string;
  dataDir: string;
  /** Sends a request as a role; the body, if any, as JSON. */
  call(
    method: string,
    path: string,
    options?: { role?: Role; body?: unknown },
  ): Promise<{ status: number; type: string; location: string | null; body: unknown }>;
  /** Ends the process' work; the folder stays for a next start. */
  close(): Promise<void>;
};

/** A folder with what the settings point to, and its removal. */
export function serviceFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'sidestep-prediction-'));
  writeFileSync(join(path, 'tokens.json'), JSON.stringify(testTokens));
  writeFileSync(join(path, 'token'), testToken('operator'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The whole service on a free port of loopback, each answer checked against the contract. */
export async function startPrediction(
  folder: string,
  env: Record<string, string>,
  parts: PredictionParts & { clock: Clock },
): Promise<RunningPrediction> {
  const config = predictionConfig({
    SIDESTEP_DATA_DIR: folder,
    SIDESTEP_TOKENS_FILE: join(folder, 'tokens.json'),
    SIDESTEP_SERVICE_TOKEN_FILE: join(folder, 'token'),
    SIDESTEP_PREDICTION_PORT: '0',
    SIDESTEP_PREDICTION_SETTLE_MS: '0',
    SIDESTEP_PREDICTION_TRAINS_ITSELF: 'false',
    SIDESTEP_PREDICTION_HORIZONS_TICKS: ',',
    SIDESTEP_PREDICTION_OTHER_TARGETS: ',',
    ...env,
  });
  const service = composePrediction(config, { log: silentLog, checkReplies: true, ...parts });
  await service.start();
  const url = service.address()?.url ?? '';
  return {
    url,
    dataDir: folder,
    call: async (method, path, { role = 'viewer', body } = {}) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${testToken(role)}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const type = response.headers.get('content-type') ?? '';
      return {
        status: response.status,
        type,
        location: response.headers.get('location'),
        body: type.includes('json') ? (JSON.parse(text) as unknown) : text,
      };
    },
    close: () => service.close(),
  };
}

/** Asks until the answer satisfies, or fails at the deadline. */
export async function until<T>(
  ask: () => Promise<T>,
  satisfies: (answer: T) => boolean,
  withinMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    if (performance.now() > deadline)
      throw new Error(`not within ${withinMs} ms: ${JSON.stringify(answer).slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
