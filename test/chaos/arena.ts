import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { freePort, type OwnProcess } from '@sidestep/cli';
import { Queue } from 'bullmq';
import type { CloudRequest } from '../e2e/gateway.ts';
import { approve, beginMove, type Decision, decision, movedOnce } from '../e2e/moves.ts';
import { type Rig, startRig } from '../e2e/rig.ts';
import { poll } from '../openstack/poll.ts';
import type { ChaosPlan } from './plan.ts';

/** A cloud with its services on which one chaos plan after the other is carried out. */
export type Arena = {
  /** Carries a plan out and demands that the move was done once; answers how often the worker was killed. */
  suffer(plan: ChaosPlan): Promise<{ kills: number; attempts: number }>;
  close(): Promise<void>;
};

const isLiveMigration = ({ method, path, body }: CloudRequest) =>
  method === 'POST' && path.endsWith('/action') && body.includes('os-migrateLive');

/** Starts a rig whose Migration can be struck at its points. */
export async function openArena(): Promise<Arena> {
  const folder = mkdtempSync(join(tmpdir(), 'sidestep-chaos-'));
  const crashFile = join(folder, 'crash-at');
  writeFileSync(crashFile, '');
  const rig = await startRig({
    retries: 8,
    programs: { migration: new URL('../e2e/migration-with-crash.ts', import.meta.url).pathname },
    settings: { SIDESTEP_CRASH_FILE: crashFile, SIDESTEP_SETTLE_MS: '200' },
  });
  return {
    async suffer(plan) {
      const keeper = keepMigrationAlive(rig);
      const other = plan.secondWorker
        ? await rig.stack.startAnother('migration', await freePort())
        : undefined;
      try {
        const begun = await beginMove(rig, (proposed) => {
          writeFileSync(crashFile, plan.strikes.map((point) => `SIGKILL ${point}`).join('\n'));
          if (plan.call === 'answer lost')
            // Where the worker that calls is killed first, the answer is lost anyway, and the trap waits for a later call.
            void rig.gateway.once(isLiveMigration, 'is-done', async () => undefined);
          return approvedOnce(rig, proposed);
        });
        const [done] = await Promise.all([
          movedOnce(rig, begun),
          strikeRedis(rig, plan),
          addJobs(rig, begun.id, plan),
        ]);
        const left = readFileSync(crashFile, 'utf8').split('\n').filter(Boolean).length;
        return { kills: plan.strikes.length - left, attempts: done.attempt };
      } finally {
        writeFileSync(crashFile, '');
        if (other !== undefined) await stopped(other);
        await keeper.stop();
      }
    },
    async close() {
      await rig.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Approves a decision although the service may be killed before it answers: then the decision tells its operation. */
async function approvedOnce(rig: Rig, proposed: Decision): Promise<string> {
  const { id } = proposed;
  return poll(`decision ${id} is carried out`, 60_000, async () => {
    const approved = await approve(rig, proposed).catch(() => undefined);
    return approved ?? (await decision(rig, id)).operationId ?? undefined;
  });
}

/** Starts Migration anew whenever it has ended. */
function keepMigrationAlive(rig: Rig): { stop(): Promise<void> } {
  const ends = Promise.withResolvers<'stop'>();
  const keep = async () => {
    for (;;) {
      if ((await Promise.race([rig.stack.process('migration').ended, ends.promise])) === 'stop')
        return;
      // One that is struck again before it answers is fine: it has ended, and is started once more.
      await rig.stack.restart('migration').catch(() => undefined);
    }
  };
  const kept = keep();
  return {
    stop: async () => {
      ends.resolve('stop');
      await kept;
    },
  };
}

async function strikeRedis(rig: Rig, { redis, redisAtMs }: ChaosPlan): Promise<void> {
  if (redis === 'spared') return;
  await after(redisAtMs);
  if (redis === 'wiped') return rig.redis.wipe();
  await rig.redis.kill();
  await rig.redis.start();
}

/** Copies of the operation's job, as a queue delivers them that delivers at least once. */
async function addJobs(rig: Rig, operationId: string, plan: ChaosPlan): Promise<void> {
  if (plan.doubledJobsDelayMs.length === 0) return;
  const queue = new Queue('operations', { connection: { url: rig.redis.url } });
  // A Redis that has been killed answers nothing for a while; a copy that is lost with it is one mishap less.
  queue.on('error', () => undefined);
  await Promise.all(
    plan.doubledJobsDelayMs.map((delay, copy) =>
      queue
        .add(
          'run',
          { operationId, attempt: 1 },
          { jobId: `chaos-${operationId}-${copy}`, delay, removeOnComplete: true },
        )
        .catch(() => undefined),
    ),
  );
  await queue.close();
}

async function stopped(process_: OwnProcess): Promise<void> {
  try {
    process.kill(process_.pid, 'SIGTERM');
  } catch {
    // It was struck itself.
  }
  await process_.ended;
}
