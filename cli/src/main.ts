import { Command, CommanderError } from 'commander';
import { lab } from './commands/lab.ts';
import { suiteNames, test } from './commands/test.ts';
import { terminalOutput } from './output.ts';
import { UsageError } from './usage-error.ts';

const output = terminalOutput(process.stdout);
let exitCode = 0;

const program = new Command('sidestep')
  .description(
    'Moves VNFs off hosts before the hosts fail them, and keeps their service chains whole',
  )
  .exitOverride()
  .configureHelp({ sortSubcommands: false });

program
  .command('test')
  .description(`run tests: ${suiteNames.join(', ')}`)
  .argument('[suite]', 'which', 'all')
  .action(async (suite: string) => {
    exitCode = await test(suite, output);
  });

const labCommand = program
  .command('lab')
  .description('a real OpenStack on this machine (root, Debian 12)');
for (const [action, what] of [
  ['up', 'install and start it'],
  ['status', 'what runs'],
  ['down', 'stop it'],
] as const) {
  labCommand
    .command(action)
    .description(what)
    .action(async () => {
      exitCode = await lab(action);
    });
}

try {
  if (process.argv.length <= 2) program.outputHelp();
  else await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof UsageError) {
    process.stderr.write(`sidestep: ${error.message}\n`);
    exitCode = 2;
  } else {
    process.stderr.write(
      `sidestep: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    exitCode = 1;
  }
}
process.exitCode = exitCode;
