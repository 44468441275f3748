import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluatedModels, evaluateFleet } from '../src/index.ts';

const usage = `usage: evaluate <fleet folder> --out <dir> [--model ${evaluatedModels.join('|')}] [--seed N] [--max-seconds N] [--threads N]\n`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    model: { type: 'string', default: 'blend' },
    seed: { type: 'string', default: '1' },
    'max-seconds': { type: 'string', default: '480' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const [folder] = positionals;
const model = evaluatedModels.find((name) => name === values.model);
if (folder === undefined || values.out === undefined || model === undefined) {
  process.stderr.write(usage);
  process.exit(2);
}
const result = await evaluateFleet(
  async (name) => {
    try {
      return await readFile(join(folder, name));
    } catch {
      return 'missing';
    }
  },
  {
    model,
    seed: Number(values.seed),
    now: () => performance.now(),
    maxMs: 1000 * Number(values['max-seconds']),
    threads: Number(values.threads),
    onProgress: (words) => process.stderr.write(`${words}\n`),
  },
);
if (result.kind === 'refused') {
  process.stderr.write(`sidestep: ${folder} cannot be evaluated: ${result.reason}\n`);
  process.exit(2);
}
const { files, ...rest } = result.report;
await mkdir(values.out, { recursive: true });
for (const [name, content] of Object.entries(files))
  await writeFile(join(values.out, name), content);
process.stdout.write(
  `${JSON.stringify({ ...rest, seconds: Math.round(performance.now() / 1000) }, null, 2)}\n`,
);
