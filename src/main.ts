#!/usr/bin/env node
import { Command, Option } from 'commander';
import { failureText } from './cli/failure.ts';
import { readVersion } from './cli/version.ts';
import { nearest } from './config/nearest.ts';

/*
 * The edge of the process: reads the command line, hands it to a command, and turns failures into text and an exit
 * code. Commands are loaded when they run, so that `--help` costs nothing.
 */
const version = readVersion();
const program = new Command('vidicon')
  .description(
    'Cameras and I/O of this machine: live H.264 over one WebSocket, stills, MJPEG, circuits, REST.',
  )
  .version(version, '-V, --version', 'print the version')
  .helpOption('-h, --help', 'explain the command')
  .helpCommand(false)
  .showHelpAfterError('(--help explains the commands)');

const configOption = () =>
  new Option('-c, --config <file>', 'configuration file (default: /etc/vidicon/config.yaml, if there)');
const jsonOption = () => new Option('--json', 'print JSON');

program
  .command('serve', { isDefault: true })
  .description('run the service (this is what `vidicon` alone does)')
  .addOption(configOption())
  .option('--host <address>', 'address to listen on')
  .option('--port <number>', 'TCP port to listen on')
  .option('--log-level <level>', 'debug, info, warn or error')
  .allowExcessArguments() // what is no command ends up here
  .action(async (options, { args: [word] }) => {
    if (word !== undefined) refuse(word);
    await (await import('./cli/serve.ts')).serve(options, version);
  });

program
  .command('devices')
  .description('list cameras with their sensors, formats and controls, and the I/O hardware')
  .addOption(configOption())
  .addOption(jsonOption())
  .option('--suggest', 'print a configuration for the I/O hardware instead')
  .action(async (options) => (await import('./cli/devices.ts')).devices(options));

program
  .command('doctor')
  .description('find out what keeps the service from working, and say what to do')
  .addOption(configOption())
  .addOption(jsonOption())
  .action(async (options) => (await import('./cli/doctor/index.ts')).doctor(options));

program
  .command('config')
  .description('work with configuration files')
  .command('check [file]')
  .description('say whether a configuration file is valid')
  .action(async (file) => (await import('./cli/config-check.ts')).configCheck(file));

function refuse(word: string): never {
  const meant = nearest(
    word,
    program.commands.map((command) => command.name()),
  );
  return program.error(
    `error: unknown command '${word}'${meant === undefined ? '' : `; did you mean ${meant}?`}`,
  );
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${failureText(error)}\n`);
  process.exitCode = 1;
}
