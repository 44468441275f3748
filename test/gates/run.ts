/**
 * Proves that the gates of `pnpm check` can turn red: in a copy of the tree, plants one fault at a time and demands
 * that its gate fails and names it. A gate that has never been seen to fail guards nothing.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Fault, faults, type Gate } from './faults.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'sidestep-gates-'));
const only = process.argv[2];

try {
  copyTree();
  process.exitCode = run() === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function run(): number {
  const chosen = faults.filter((fault) => only === undefined || fault.title.includes(only));
  let failed = 0;
  for (const gate of distinct(chosen.map((fault) => fault.gate))) {
    const before = runGate(gate);
    if (before.red) {
      failed++;
      say(
        `FAIL  ${describe(gate)} is red before any fault is planted\n${before.text.slice(-2_000)}`,
      );
    }
  }
  for (const fault of chosen) {
    const missed = missedBy(fault);
    if (missed !== undefined) failed++;
    say(
      `${missed === undefined ? 'ok   ' : 'FAIL '} ${describe(fault.gate)}: ${fault.title}${missed === undefined ? '' : `\n      ${missed}`}`,
    );
  }
  say(`${chosen.length - failed} passed, ${failed} failed`);
  return failed;
}

/** Why the gate did not do its duty; undefined when it did. */
function missedBy(fault: Fault): string | undefined {
  const file = join(copy, fault.plant.file);
  const original = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  try {
    if ('create' in fault.plant) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, fault.plant.create);
    } else {
      if (!original?.includes(fault.plant.find))
        return `${fault.plant.file} has no "${fault.plant.find}": plant it elsewhere`;
      writeFileSync(file, original.replace(fault.plant.find, fault.plant.replace));
    }
    const after = runGate(fault.gate);
    if (!after.red) return 'the gate stayed green';
    const named =
      typeof fault.names === 'string'
        ? after.text.includes(fault.names)
        : fault.names.test(after.text);
    return named
      ? undefined
      : `it turned red, but not for this: "${fault.names}" is not in its output\n${after.text.slice(-1_000)}`;
  } finally {
    if (original === undefined) rmSync(file, { force: true });
    else writeFileSync(file, original);
  }
}

function runGate(gate: Gate): { red: boolean; text: string } {
  const [command, ...args] = commandOf(gate);
  const result = spawnSync(join(copy, 'node_modules/.bin', command ?? ''), args, {
    cwd: copy,
    encoding: 'utf8',
    timeout: 300_000,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  return { red: result.status !== 0, text: `${result.stdout}${result.stderr}` };
}

function commandOf(gate: Gate): string[] {
  switch (gate.kind) {
    case 'contracts':
      return ['node', 'packages/contracts/generate.ts', '--check'];
    case 'types':
      return ['tsc', '--noEmit'];
    case 'lint':
      return ['biome', 'check', '--error-on-warnings', '--vcs-enabled=false', gate.path];
    case 'rooms':
      return [
        'depcruise',
        '--config',
        '.dependency-cruiser.cjs',
        'packages',
        'services',
        'cli',
        'test',
      ];
    case 'tests':
      return ['vitest', 'run', '--project', gate.level, gate.path];
  }
}

function describe(gate: Gate): string {
  return gate.kind === 'tests' ? `${gate.level} tests of ${gate.path}` : gate.kind;
}

function distinct(gates: readonly Gate[]): Gate[] {
  return [...new Map(gates.map((gate) => [JSON.stringify(gate), gate])).values()];
}

/** What git tracks or would track, with the installed packages of the original. */
function copyTree(): void {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64e6,
  });
  const folders = new Set<string>();
  for (const file of files
    .split('\0')
    .filter((name) => name !== '' && existsSync(join(root, name)))) {
    cpSync(join(root, file), join(copy, file), { recursive: true, verbatimSymlinks: true });
    if (file.endsWith('package.json')) folders.add(dirname(file));
  }
  for (const folder of folders) {
    const modules = join(root, folder, 'node_modules');
    if (!existsSync(modules)) continue;
    // The workspace's own packages must be those of the copy; pnpm links them relatively, so the links may be copied.
    if (folder === '.') symlinkSync(modules, join(copy, 'node_modules'));
    else
      cpSync(modules, join(copy, folder, 'node_modules'), {
        recursive: true,
        verbatimSymlinks: true,
      });
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
