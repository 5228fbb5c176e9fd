import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMANDS } from './commands.ts';
import { EXIT_CODES, exitCodeOfAll } from './exit-codes.ts';
import { ERRORS, ScriptoriumError } from '../core/index.ts';
import { madeWorld } from './testing/made-world.ts';

test('help starts with examples, on stdout, and fits the terminal', async () => {
  await using world = await madeWorld();
  for (const line of ['--help', 'help', '-h', ...COMMANDS.map(({ name }) => `${name} --help`), 'help models']) {
    const { code, stdout, stderr } = await world.run(line);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^(scriptorium .*\n\n)?Examples:\n/);
    expect(stdout.split('\n').filter((each) => each.length > 80)).toEqual([]);
  }
});

test('without any argument the help comes on stderr, as wrong usage', async () => {
  await using world = await madeWorld();
  const { code, stdout, stderr } = await world.run('');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('Examples:');
});

test('the version is bare, and with --verbose tells every part', async () => {
  await using world = await madeWorld();
  expect(await world.run('--version')).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' });
  expect((await world.run('--version --verbose')).stdout).toBe('scriptorium  1.2.3\nnode         20.11.0\n');
  expect((await world.run('-V --json')).stdout).toBe('{"scriptorium":"1.2.3","node":"20.11.0"}\n');
});

test('wrong usage says every mistake and what to do, and exits with 2', async () => {
  await using world = await madeWorld({ env: { SCRIPTORIUM_THREDS: '2' } });
  expect(await world.run('transcribe a.wav --beam-size 99')).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'error: SCRIPTORIUM_THREDS is no variable of scriptorium; did you mean SCRIPTORIUM_THREADS?\n' +
      'error: --beam-size must be a whole number from 1 to 8, not "99"\n' +
      'Correct the option or argument; --help lists them.\n',
  });
});

test('a word that a command would pass over is refused', async () => {
  await using world = await madeWorld();
  const plain = COMMANDS.filter(({ usage }) => usage === '').map(({ name }) => name);
  expect(plain).toEqual(expect.arrayContaining(['serve', 'worker', 'status', 'doctor']));
  for (const [line, message] of [
    ...plain.map((name) => [`${name} 9000`, `${name} takes only options, not 9000`] as const),
    ['models list extra', 'models list takes no names; models info does'],
    ['jobs list extra', 'jobs list takes no ids; jobs show does'],
  ] as const) {
    const { code, stderr } = await world.run(line);
    expect([code, stderr.split('\n')[0]]).toEqual([2, `error: ${message}`]);
  }
  expect((await world.run('serve 9000 --help')).code).toBe(0);
});

test('an empty argument names nothing, whatever the command', async () => {
  await using world = await madeWorld();
  for (const [line, message] of [
    ['transcribe ""', 'an argument is empty: scriptorium transcribe FILE… | -'],
    ['""', 'an argument is empty: scriptorium transcribe FILE… | -'],
    ['jobs show ""', 'an argument is empty: scriptorium jobs list | show | cancel | retry  [ID…]'],
    ['models info ""', 'an argument is empty: scriptorium models list | pull | info | rm | verify  [NAME…]'],
  ] as const) {
    const { code, stderr } = await world.run(line);
    expect([code, stderr.split('\n')[0]]).toEqual([2, `error: ${message}`]);
  }
});

test('an engine is started for transcriptions only, and for none that cannot be understood', async () => {
  await using world = await madeWorld({ recordings: { 'a.wav': 'x' } });
  for (const line of [
    'a.wav',
    '--help',
    'models list',
    '-V --verbose',
    'a.wav --beamsize 3',
    'transcribe a.wav --overwrite',
  ]) {
    await world.run(line);
  }
  expect(world.warmUps).toEqual(['a.wav', 'transcribe a.wav --overwrite']);
});

test('a mistyped command is told from a missing recording', async () => {
  await using world = await madeWorld();
  const mistyped = await world.run('modles list');
  expect(mistyped.code).toBe(2);
  expect(mistyped.stderr).toContain('modles is no command and no recording; did you mean models?');
  expect((await world.run('talk.mp3')).code).toBe(3);
});

test('a recording called almost like a command is still a recording', async () => {
  await using world = await madeWorld({ recordings: { model: 'bytes' } });
  expect(await world.run('model')).toMatchObject({ code: 0, stdout: 'This is model.\n' });
});

test('settings of a config file count, and its mistakes are told', async () => {
  await using world = await madeWorld({ recordings: { 'a.wav': 'x' } });
  await writeFile(join(world.cwd, 'scriptorium.config.json'), '{"formats":["vtt"]}');
  expect((await world.run('a.wav')).stdout).toMatch(/^WEBVTT/);
  await writeFile(join(world.cwd, 'other.json'), '{"format":["vtt"]}');
  expect((await world.run('a.wav --config other.json')).stderr).toContain('format in other.json is no setting');
});

test('colour is for terminals without NO_COLOR', async () => {
  const coloured = async (options: Parameters<typeof madeWorld>[0]): Promise<boolean> => {
    await using world = await madeWorld(options);
    return (await world.run('missing.wav')).stderr.includes('\u001B[31m');
  };
  expect(await coloured({ terminal: true })).toBe(true);
  expect(await coloured({ terminal: true, env: { NO_COLOR: '1' } })).toBe(false);
  expect(await coloured({ terminal: true, env: { TERM: 'dumb' } })).toBe(false);
  expect(await coloured({})).toBe(false);
});

test('every exit code that an error has is told in the table', () => {
  const told = new Set<number>(EXIT_CODES.map(({ code }) => code));
  for (const { exitCode } of Object.values(ERRORS)) expect(told).toContain(exitCode);
});

test('failures of all alike share their code; of some, or of several kinds, the code is 1', () => {
  const missing = new ScriptoriumError('input-missing', '');
  const model = new ScriptoriumError('model-missing', '');
  expect([exitCodeOfAll([], 2), exitCodeOfAll([missing, missing], 2), exitCodeOfAll([missing], 2)]).toEqual([0, 3, 1]);
  expect(exitCodeOfAll([missing, model], 2)).toBe(1);
});
