import { timingSafeEqual } from 'node:crypto';
import type { Emulator } from '../emulator-types.ts';
import type { ApiFault, Faults, MigrationFault } from '../faults.ts';
import type { StressEpisode } from '../spec.ts';
import type { ApiResponse } from './router.ts';
import { asRecord, textOf } from './router.ts';

const switches = [
  'hostDown',
  'hostUp',
  'computeDown',
  'computeUp',
  'agentDown',
  'agentUp',
  'telemetryDown',
  'telemetryUp',
] as const;

function problem(status: number, title: string): ApiResponse {
  return { status, body: { type: 'about:blank', title, status } };
}

function isRight(expected: string, authorization: string | undefined): boolean {
  const given = Buffer.from(authorization ?? '');
  const wanted = Buffer.from(`Bearer ${expected}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

const services = ['identity', 'compute', 'placement', 'network', 'image'] as const;
const effects = ['timeout', 'reset', 'answer-lost'] as const;

function apiFault(body: Record<string, unknown>): ApiFault | 'malformed' {
  const asked = body.effect;
  const effect = typeof asked === 'number' ? asked : effects.find((name) => name === asked);
  const service = services.find((name) => name === body.service);
  if (effect === undefined) return 'malformed';
  if (body.service !== undefined && service === undefined) return 'malformed';
  const method = textOf(body.method);
  const path = textOf(body.path);
  const { count, forMs, share } = body;
  return {
    effect,
    ...(service === undefined ? {} : { service }),
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { path }),
    ...(typeof count === 'number' ? { count } : {}),
    ...(typeof forMs === 'number' ? { forMs } : {}),
    ...(typeof share === 'number' ? { share } : {}),
  };
}

/** Sets a fault as the body of `POST /emulator/faults` says: its `kind` is the method's name. */
function setFault(faults: Faults, body: Record<string, unknown>): ApiResponse {
  const kind = textOf(body.kind) ?? '';
  const target = textOf(body.host) ?? textOf(body.resource) ?? '';
  const known = switches.find((name) => name === kind);
  if (known !== undefined) faults[known](target);
  else if (kind === 'liveMigration') {
    const fault = body.fault;
    faults.liveMigration(target, fault === null ? null : migrationFault(asRecord(fault)));
  } else if (kind === 'api') {
    const fault = apiFault(body);
    if (fault === 'malformed')
      return problem(400, 'effect is a status, timeout, reset or answer-lost');
    faults.api(fault);
  } else if (kind === 'latency')
    faults.latency({
      fixedMs: Number(body.fixedMs ?? 0),
      jitterMs: Number(body.jitterMs ?? 0),
    });
  else if (kind === 'expireTokens') faults.expireTokens();
  else if (kind === 'reset') faults.reset();
  else return problem(400, `unknown kind of fault: ${kind}`);
  return { status: 204 };
}

function migrationFault(body: Record<string, unknown>): MigrationFault {
  const reasons = ['precheckFail', 'rebuildFail', 'rollbackFail', 'postFail'] as const;
  return {
    hang: body.hang === true,
    fail: body.fail === true,
    conductorSilent: body.conductorSilent === true,
    ...Object.fromEntries(
      reasons.flatMap((name) => {
        const reason = textOf(body[name]);
        return reason === undefined ? [] : [[name, reason]];
      }),
    ),
  };
}

function stressEpisode(
  emulator: Emulator,
  body: Record<string, unknown>,
): StressEpisode | 'malformed' {
  const host = textOf(body.host);
  const { cores, durationMs } = body;
  if (host === undefined || typeof cores !== 'number' || typeof durationMs !== 'number')
    return 'malformed';
  const startMs = typeof body.startMs === 'number' ? body.startMs : emulator.clock.nowMs();
  const periodMs = body.periodMs;
  return {
    host,
    cores,
    durationMs,
    startMs,
    ...(typeof periodMs === 'number' ? { periodMs } : {}),
  };
}

/** Answers one request to /emulator/…. */
export type ControlHandler = (
  method: string,
  url: URL,
  body: unknown,
  authorization: string | undefined,
) => ApiResponse;

/** More samples in one answer would not fit into memory as text. */
const MAX_HISTORY_STEPS = 20_000;

/** `GET /emulator/history?from=&to=&step=` (ms): the cloud's past, as the load model has it. */
function history(emulator: Emulator, query: URLSearchParams): ApiResponse {
  const [fromMs = Number.NaN, toMs = Number.NaN, stepMs = Number.NaN] = ['from', 'to', 'step'].map(
    (name) => Number(query.get(name) ?? Number.NaN),
  );
  const steps = (toMs - fromMs) / stepMs;
  if (!(stepMs > 0) || !(steps >= 0) || steps > MAX_HISTORY_STEPS)
    return problem(400, `from, to and step in ms are needed, at most ${MAX_HISTORY_STEPS} steps`);
  return { status: 200, body: { samples: [...emulator.history(fromMs, toMs, stepMs)] } };
}

/** /emulator/…: faults, stress and what the cloud really does, for tests in other processes. */
export function controlApi(emulator: () => Emulator, token: string): ControlHandler {
  return (method, url, body, authorization) => {
    if (!isRight(token, authorization)) return problem(401, 'A control token is needed');
    const cloud = emulator();
    switch (`${method} ${url.pathname.slice('/emulator'.length)}`) {
      case 'POST /faults':
        try {
          return setFault(cloud.faults, asRecord(body));
        } catch (error) {
          return problem(400, String(error));
        }
      case 'POST /stress': {
        const episode = stressEpisode(cloud, asRecord(body));
        if (episode === 'malformed') return problem(400, 'host, cores and durationMs are needed');
        cloud.addStress(episode);
        return { status: 204 };
      }
      case 'GET /flows':
        return { status: 200, body: cloud.flows() };
      case 'GET /load':
        return { status: 200, body: cloud.load() };
      case 'GET /calls':
        return { status: 200, body: { calls: cloud.calls() } };
      case 'GET /placements':
        return { status: 200, body: Object.fromEntries(cloud.placements()) };
      case 'GET /tallies':
        return { status: 200, body: Object.fromEntries(cloud.tallies()) };
      case 'GET /history':
        return history(cloud, url.searchParams);
      case 'GET /time':
        return { status: 200, body: { nowMs: cloud.clock.nowMs() } };
      default:
        return problem(404, 'Not Found');
    }
  };
}
