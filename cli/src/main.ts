import { resolve } from 'node:path';
import { modelKinds } from '@sidestep/forecast/kinds';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { bench, benchNames } from './commands/bench.ts';
import { demo } from './commands/demo.ts';
import { doctorCollectd } from './commands/doctor.ts';
import { evaluate } from './commands/evaluate.ts';
import { lab } from './commands/lab.ts';
import { start } from './commands/start.ts';
import { fuzz, suiteNames, test } from './commands/test.ts';
import { terminalOutput } from './output.ts';
import { inRepository } from './repository.ts';
import { StartError } from './start-error.ts';
import { UsageError } from './usage-error.ts';

const output = terminalOutput(process.stdout);
let exitCode = 0;

const whole = (minimum: number, maximum: number) => (text: string) => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < minimum || value > maximum) {
    throw new InvalidArgumentError(`give a whole number from ${minimum} to ${maximum}`);
  }
  return value;
};

// The services run elsewhere: what is relative here would be another place there.
const folder = (text: string) => {
  if (text !== '') return resolve(text);
  throw new InvalidArgumentError('give a folder');
};

const portBase = () =>
  new Option('--port-base <port>', 'the services take four ports in a row from here')
    .env('SIDESTEP_PORT_BASE')
    .argParser(whole(1, 65_532))
    .default(8601);
const collectdPort = () =>
  new Option('--collectd-port <port>', 'UDP port for collectd')
    .env('SIDESTEP_COLLECTD_PORT')
    .argParser(whole(1, 65_535))
    .default(25_826);
const redisUrl = () =>
  new Option('--redis-url <address>', 'a Redis of your own; default: a private one is started')
    .env('SIDESTEP_REDIS_URL')
    .argParser((text) => {
      if (/^rediss?:\/\//.test(text) && URL.canParse(text)) return text;
      throw new InvalidArgumentError('give an address as redis://host:6379');
    });

const program = new Command('sidestep')
  .description(
    'Moves VNFs off hosts before the hosts fail them, and keeps their service chains whole',
  )
  .exitOverride();

program
  .command('demo')
  .description('an emulated cloud: watch a host go hot and its VNF move, chain and all')
  .addOption(portBase())
  .addOption(collectdPort())
  .addOption(redisUrl())
  .addOption(
    new Option(
      '--data-dir <folder>',
      'keep this run in the folder demo below it, in place of the last one; default: a temporary folder',
    )
      .env('SIDESTEP_DATA_DIR')
      .argParser(folder),
  )
  .addOption(
    new Option('--policy <name>', 'destination policy')
      .choices(['no-migration', 'random', 'least-cpu', 'least-risk'])
      .default('least-risk'),
  )
  .addOption(
    new Option('--seed <number>', 'of the emulated cloud')
      .argParser(whole(0, 4_294_967_295))
      .default(1),
  )
  .option(
    '--until-moved',
    'end after the first handled hot host (exit 0) or five minutes without (exit 1)',
    false,
  )
  .action(async (options) => {
    exitCode = await demo(options, output);
  });

program
  .command('start')
  .description('the four services, against the OpenStack that the OS_… variables name')
  .addOption(portBase())
  .addOption(collectdPort())
  .addOption(redisUrl())
  .addOption(
    new Option('--data-dir <folder>', 'records, series, models, tokens, logs')
      .env('SIDESTEP_DATA_DIR')
      .argParser(folder)
      .default(inRepository('.sidestep/data')),
  )
  .action(async (options) => {
    exitCode = await start(options, output);
  });

program
  .command('test')
  .description(`run tests: ${suiteNames.join(', ')}`)
  .argument('[suite]', 'which', 'all')
  .addOption(
    new Option('--inputs <number>', 'fuzz: hostile inputs in all; default 10,000,000').argParser(
      whole(1, 10_000_000_000),
    ),
  )
  .addOption(
    new Option('--seed <number>', 'fuzz: of the inputs; default 1').argParser(
      whole(0, 4_294_967_295),
    ),
  )
  .option('--only <parser>', 'fuzz: one parser')
  .option('--replay <file>', 'fuzz: a failure that a run has kept')
  .action(async (suite: string, options) => {
    const [given] = Object.keys(options);
    if (suite !== 'fuzz' && given !== undefined) {
      throw new UsageError(`--${given} is of the suite fuzz, not of ${suite}`);
    }
    exitCode = await (suite === 'fuzz' ? fuzz(options) : test(suite, output));
  });

program
  .command('bench')
  .description(`measure, and print a table: ${benchNames.join(', ')}`)
  .argument('[name]', 'which', 'main')
  .option('--only <parts>', 'decisions: sizes, live, storm or gap, parted by commas')
  .action(async (name: string, options: { only?: string }) => {
    exitCode = await bench(name, options.only);
  });

program
  .command('evaluate')
  .description('run the prediction benchmark on a folder of traces; writes its forecasts as CSV')
  .argument('<folder>', 'a fleet: meta.json and one csv.gz a metric')
  .requiredOption('--out <dir>', 'where predictions.csv, destinations.csv and incidents.csv go')
  .addOption(new Option('--model <name>', 'what foresees').choices(modelKinds).default('blend'))
  .addOption(
    new Option('--seed <number>', 'of the training').argParser(whole(0, 4_294_967_295)).default(1),
  )
  .addOption(
    new Option('--max-seconds <number>', 'bound of its work')
      .argParser(whole(1, 86_400))
      .default(480),
  )
  .action(async (folder: string, options) => {
    exitCode = await evaluate(folder, options);
  });

program
  .command('doctor')
  .description('what is wrong with what Sidestep is connected to')
  .command('collectd')
  .description('hosts and metrics that are missing, late, skewed in time or in a wrong unit')
  .option('--url <address>', 'where Monitoring answers', 'http://127.0.0.1:8601')
  .addOption(
    new Option('--token-file <file>', "a viewer's token")
      .env('SIDESTEP_SERVICE_TOKEN_FILE')
      .default(inRepository('.sidestep/data/access/viewer.token')),
  )
  .action(async (options) => {
    exitCode = await doctorCollectd(options, output);
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

// Whoever read our output has gone (`… | head`): end as after an interrupt, and leave nothing behind.
process.stdout.once('error', () => process.kill(process.pid, 'SIGTERM'));
process.stdout.on('error', () => undefined);

try {
  if (process.argv.length <= 2) program.outputHelp();
  else await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof UsageError) {
    for (const line of error.message.split('\n')) process.stderr.write(`sidestep: ${line}\n`);
    exitCode = 2;
  } else if (error instanceof StartError) {
    process.stderr.write(`sidestep: ${error.message}\n`);
    exitCode = 1;
  } else {
    process.stderr.write(
      `sidestep: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    exitCode = 1;
  }
}
process.exitCode = exitCode;
