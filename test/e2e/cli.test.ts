/** The built command as a process of its own, on real speech: `npm run build` comes first. */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseText } from 'media-captions';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { FORMAT_NAMES, FORMATS } from '../../src/transcript/index.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const main = join(project, 'dist/cli/main.js');
const SPEECH = join(project, 'examples/jfk.wav');
const SAID = /fellow Americans,? ask not what your country can do for you,? ask what you can do for your country/i;

let folder: string;
beforeAll(async () => {
  if (!existsSync(main)) throw new Error('the command is not built: npm run build');
  folder = await mkdtemp(join(tmpdir(), 'scriptorium-e2e-'));
  copyFileSync(SPEECH, join(folder, 'speech.wav'));
  writeFileSync(join(folder, 'empty.wav'), '');
  writeFileSync(join(folder, 'text.wav'), 'These are words, but nobody has spoken them.\n'.repeat(20));
  writeFileSync(join(folder, 'picture.wav'), Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'));
  mkdirSync(join(folder, 'folder.wav'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  /** What stands in place of `node main.js ARGUMENTS`: a shell line with `"$@"` for it. */
  readonly shell?: string;
  readonly stdin?: Uint8Array;
  /** Sees stderr as it comes. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

function run(argv: readonly string[], { shell, stdin, onStderr }: Options = {}): Promise<Ended> {
  const command = [process.execPath, main, ...argv];
  const child = spawn(
    shell === undefined ? process.execPath : 'bash',
    shell === undefined ? command.slice(1) : ['-c', shell, 'bash', ...command],
    {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, SCRIPTORIUM_CACHE_DIR: join(folder, 'cache') },
    },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    onStderr?.(text, (signal) => child.kill(signal));
  });
  child.stdin.on('error', () => undefined).end(stdin ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

test('--help and --version answer on stdout with 0', async () => {
  const help = await run(['--help']);
  expect([help.code, help.stderr]).toEqual([0, '']);
  expect(help.stdout).toContain('Examples:');
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')));
  expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('an unknown flag is wrong usage', async () => {
  expect(await run(['speech.wav', '--beamsize', '3'])).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'error: --beamsize is no option; did you mean --beam-size?\nCorrect the option or argument; --help lists them.\n',
  });
});

test.each(['missing.wav', 'empty.wav', 'folder.wav', 'picture.wav', 'text.wav'])(
  '%s is one line about that file, one about what to do, and exit code 3',
  async (name) => {
    const { code, stdout, stderr } = await run([name]);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(new RegExp(`^error: ${name.replace('.', '\\.')}\\b.*\n[A-Z].*\n$`));
  },
);

test('a recording that cannot be read waits for no model, and leaves none half-built', async () => {
  const cache = join(folder, 'cold');
  mkdirSync(cache);
  expect((await run(['text.wav', '--cache-dir', cache])).code).toBe(3);
  expect(readdirSync(cache)).toEqual([]);
});

test('a model that is none is exit code 6', async () => {
  const { code, stderr } = await run(['speech.wav', '--model', 'text.wav']);
  expect(code).toBe(6);
  expect(stderr).toMatch(/^error: .*\n.*\n$/);
});

test('speech becomes words on stdout, and nothing else does', async () => {
  const { code, stdout, stderr } = await run(['speech.wav']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.replaceAll('\n', ' ')).toMatch(SAID);
  // ONNX Runtime would keep there what it means to report to its makers.
  expect(existsSync(join(folder, '.cache'))).toBe(false);
});

test('speech from a pipe becomes words', async () => {
  const { code, stdout } = await run(['-', '--beam-size', '1'], { stdin: readFileSync(SPEECH) });
  expect(code).toBe(0);
  expect(stdout.replaceAll('\n', ' ')).toMatch(SAID);
});

test('speech becomes a file of every format, and bad recordings beside it keep nothing from it', async () => {
  const { code, stdout, stderr } = await run([
    'speech.wav',
    'missing.wav',
    'text.wav',
    '-f',
    'all',
    '-o',
    'out',
    '--words',
  ]);
  expect(code).toBe(1);
  expect(stdout.trimEnd().split('\n')).toEqual(FORMAT_NAMES.map((name) => `out/speech${FORMATS[name].extension}`));
  expect(stderr).toMatch(/1 of 3 transcribed, 2 failed:\n {2}✗ missing\.wav\n {2}✗ text\.wav\n$/);
  const texts = new Map(
    FORMAT_NAMES.map((name) => [name, readFileSync(join(folder, `out/speech${FORMATS[name].extension}`), 'utf8')]),
  );
  const flat = (text: string): string => text.replaceAll(/[^\p{L}' ]+/gu, ' ').replaceAll(/ {2,}/g, ' ');
  for (const name of ['txt', 'json', 'native', 'md'] as const) expect(flat(texts.get(name) ?? '')).toMatch(SAID);

  for (const type of ['srt', 'vtt'] as const) {
    const { cues, errors } = await parseText(texts.get(type) ?? '', { type, strict: true, errors: true });
    expect(errors).toEqual([]);
    expect(flat(cues.map((cue) => cue.text).join(' '))).toMatch(SAID);
    expect(cues.at(-1)?.endTime).toBeLessThan(12);
  }
  const Times = z.object({ start: z.number(), end: z.number() });
  const verbose = z.object({
    task: z.literal('transcribe'),
    language: z.literal('english'),
    duration: z.literal(11),
    segments: z.array(Times.extend({ id: z.int(), text: z.string().startsWith(' ') })).min(1),
    words: z.array(Times.extend({ word: z.string() })).length(22),
  });
  const { words } = verbose.parse(JSON.parse(texts.get('json') ?? ''));
  expect(words.every((word, i) => word.start <= word.end && word.start >= (words[i - 1]?.start ?? 0))).toBe(true);
  expect(texts.get('tsv')).toMatch(/^start\tend\ttext\n\d+\t\d+\t/);
  expect(texts.get('lrc')).toMatch(/^\[00:\d\d\.\d\d\]/);
});

test('--json gives events that parse, ending with the exit code', async () => {
  const { code, stdout } = await run(['speech.wav', '--json', '--keywords', 'country']);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => z.looseObject({ type: z.string() }).parse(JSON.parse(line)));
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['start', 'segment', 'transcript', 'end']));
  expect(events.at(-1)).toMatchObject({ done: 1, exitCode: code });
  const done = events.find(({ type }) => type === 'transcript');
  expect(done).toMatchObject({ transcript: { keywords: [{ keyword: 'country' }, { keyword: 'country' }] } });
});

test('a reader that leaves is no failure', async () => {
  const lines = 'set -o pipefail; "$@" | head -1';
  expect(await run(['--help'], { shell: lines })).toMatchObject({ code: 0, stderr: '' });
  // Nobody reads at all.
  expect(await run(['speech.wav'], { shell: 'set -o pipefail; "$@" | true' })).toMatchObject({ code: 0, stderr: '' });
});

test('a file where a folder is needed is told before the work', async () => {
  const { code, stderr } = await run(['speech.wav', '--output', 'text.wav/x.srt']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: .*text\.wav\/x\.srt cannot be written: a file stands where a folder is needed\n/);
});

test('Ctrl-C exits with 130 soon and leaves only whole files', async () => {
  const names = ['one.wav', 'two.wav', 'three.wav'];
  for (const name of names) copyFileSync(SPEECH, join(folder, name));
  const { code, stderr } = await run([...names, '-j', '1', '--progress', 'json', '-o', 'cut'], {
    onStderr: (text, kill) => {
      if (text.includes('"two.wav"')) kill('SIGINT');
    },
  });
  expect(code).toBe(130);
  expect(stderr).toContain('1 of 3 transcribed, 2 not done');
  expect(readdirSync(join(folder, 'cut'))).toEqual(['one.txt']);
  expect(readFileSync(join(folder, 'cut/one.txt'), 'utf8').replaceAll('\n', ' ')).toMatch(SAID);
});

test('a second Ctrl-C ends the process at once', async () => {
  const { code } = await run(['speech.wav', '--progress', 'json', '--output', 'late.txt'], {
    onStderr: (_text, kill) => {
      kill('SIGINT');
      kill('SIGINT');
    },
  });
  expect(code).toBe(130);
  expect(existsSync(join(folder, 'late.txt'))).toBe(false);
});

test('doctor finds this machine able', async () => {
  const { code, stdout } = await run(['doctor', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ healthy: true });
});
