import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Output } from '../output.ts';
import { inRepository, repositoryRoot } from '../repository.ts';
import { runChild } from '../run-child.ts';
import { UsageError } from '../usage-error.ts';
import { lab } from './lab.ts';

type Counts = { passed: number; failed: number; skipped: number };
type Stage = { title: string; run: (output: Output) => Promise<Counts> };

const tool = (name: string) => inRepository('node_modules/.bin', name);

/** A program that passes or fails as a whole. */
const program = (title: string, command: string, args: readonly string[]): Stage => ({
  title,
  run: async () => {
    const code = await runChild(command, args, { cwd: repositoryRoot });
    return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
  },
});

/** Levels of tests, counted test by test. */
const levels = (title: string, ...projects: readonly string[]): Stage => ({
  title,
  run: () => vitest(projects),
});

/** How often the state machine is run with random deaths, replies and aborts; the unit tests run it 150 times. */
const interleavings = 5_000;

const interleavingsStage: Stage = {
  title: `chaos: ${interleavings} random interleavings of an operation's steps, in memory`,
  run: () =>
    vitest(['unit'], {
      files: ['services/migration/test/crash.unit.test.ts'],
      env: { SIDESTEP_CHAOS_INTERLEAVINGS: String(interleavings) },
    }),
};

/** Tests on the lab, which is started for them, and stopped again, where it is down. */
const onLab = (title: string, files: readonly string[] = []): Stage => ({
  title,
  run: async (output) => {
    const wasUp = (await lab('status')) === 0;
    const up = wasUp ? 0 : await lab('up');
    // Exit 2 is the lab's word that it cannot run here; the tests then skip and say why.
    if (up !== 0 && up !== 2) {
      output.line('the lab did not come up');
      return { passed: 0, failed: 1, skipped: 0 };
    }
    try {
      return await vitest(['openstack'], { files });
    } finally {
      if (!wasUp && up === 0) await lab('down');
    }
  },
});

/** What `./sidestep test fuzz` may be told. */
export type FuzzOptions = { inputs?: number; seed?: number; only?: string; replay?: string };

/** Fuzzes in processes of their own; the child's last line is the sum of its parsers. */
export function fuzz(options: FuzzOptions): Promise<number> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return runChild(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      inRepository('test/fuzz/main.ts'),
      ...given.flatMap(([name, value]) => [`--${name}`, String(value)]),
    ],
    { cwd: repositoryRoot },
  );
}

const stages = {
  contracts: program(
    'contracts: the generated files are those of the documents',
    process.execPath,
    [inRepository('packages/contracts/generate.ts'), '--check'],
  ),
  types: program('types', tool('tsc'), ['--noEmit']),
  format: program('format and lint', tool('biome'), ['check', '--error-on-warnings', '.']),
  rooms: program('imports keep to the house plan', tool('depcruise'), [
    '--config',
    '.dependency-cruiser.cjs',
    'packages',
    'services',
    'cli',
    'test',
  ]),
  unit: levels('unit tests', 'unit'),
  contract: levels('contract tests', 'contract'),
  e2e: levels('end to end, with real daemons', 'e2e'),
  openstack: onLab(
    'real OpenStack: the main job, the behaviours that it rests on, and what can go wrong',
  ),
  openstackSmoke: onLab('real OpenStack: the main job, and the behaviours that it rests on', [
    'test/openstack/',
    'test/openstack-conformance/',
  ]),
  chaos: levels('chaos: workers killed, jobs doubled, Redis lost, on real processes', 'chaos'),
  gates: program('gates: each turns red on a planted fault', process.execPath, [
    inRepository('test/gates/run.ts'),
  ]),
} satisfies Record<string, Stage>;

const suites: Record<string, readonly Stage[]> = {
  ...Object.fromEntries(
    Object.entries(stages)
      .filter(([name]) => name !== 'openstackSmoke')
      .map(([name, stage]) => [name, [stage]]),
  ),
  chaos: [interleavingsStage, stages.chaos],
  check: [
    stages.contracts,
    stages.types,
    stages.format,
    stages.rooms,
    stages.unit,
    stages.contract,
  ],
  all: [
    stages.contracts,
    stages.types,
    stages.format,
    stages.rooms,
    stages.unit,
    stages.contract,
    stages.e2e,
    stages.gates,
    stages.openstackSmoke,
  ],
};

export const suiteNames = [...Object.keys(suites), 'fuzz'];

/** Runs a suite to its end, whatever fails in between; the last line is the sum. */
export async function test(suite: string, output: Output): Promise<number> {
  const chosen = suites[suite];
  if (chosen === undefined)
    throw new UsageError(`there is no suite ${suite}; there are ${suiteNames.join(', ')}`);
  const sum: Counts = { passed: 0, failed: 0, skipped: 0 };
  const red: string[] = [];
  for (const stage of chosen) {
    const startedAt = performance.now();
    output.line(`\n== ${stage.title}`);
    const counts = await stage.run(output);
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
    if (counts.failed > 0) red.push(stage.title);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    output.line(`== ${stage.title}: ${counts.failed === 0 ? 'green' : 'RED'} in ${seconds} s`);
  }
  output.line();
  for (const title of red) output.line(`red: ${title}`);
  output.line(
    `${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`,
  );
  return sum.failed === 0 ? 0 : 1;
}

async function vitest(
  projects: readonly string[],
  { files = [], env = {} }: { files?: readonly string[]; env?: Record<string, string> } = {},
): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'sidestep-test-'));
  const report = join(folder, 'report.json');
  try {
    const code = await runChild(
      tool('vitest'),
      [
        'run',
        ...projects.flatMap((project) => ['--project', project]),
        ...files,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
      ],
      { cwd: repositoryRoot, env },
    );
    return countsOf(report, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countsOf(report: string, code: number): Counts {
  let counted: { numPassedTests: number; numFailedTests: number; numPendingTests: number };
  try {
    counted = JSON.parse(readFileSync(report, 'utf8')) as typeof counted;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  // A file that does not even load fails no test; it must count all the same.
  const failed = code === 0 ? counted.numFailedTests : Math.max(1, counted.numFailedTests);
  return { passed: counted.numPassedTests, failed, skipped: counted.numPendingTests };
}
