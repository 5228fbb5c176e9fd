import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ScriptoriumError, millis } from '../../core/index.ts';
import { echo, madeApp, sentence, untilCancelled } from '../testing/made-app.ts';
import { madeWorld, SILENT } from '../testing/made-world.ts';

const ONE = { 'a.wav': 'bytes' };
const THREE = { 'a.wav': '1', 'b.wav': '2', 'c.wav': '3' };

test('one recording in one format goes to stdout, and nothing else does', async () => {
  await using world = await madeWorld({ recordings: ONE });
  expect(await world.run('a.wav')).toEqual({ code: 0, stdout: 'This is a.wav.\n', stderr: '' });
  expect((await world.run('transcribe a.wav -f srt')).stdout).toBe(
    '1\n00:00:00,000 --> 00:00:01,000\nThis is a.wav.\n',
  );
  expect(await world.files()).toEqual([]);
});

test('- reads a recording from the pipe', async () => {
  const app = madeApp();
  await using world = await madeWorld({ app, stdin: 'bytes' });
  expect((await world.run('-')).stdout).toBe('This is stdin.\n');
  expect((await world.run('- -o out')).stdout).toBe('out/stdin.txt\n');
});

test('without a recording, with a URL, or with a terminal for stdin it says what to do', async () => {
  await using world = await madeWorld();
  for (const [line, message] of [
    ['transcribe', 'no recording given'],
    [
      'https://example.org/a.mp3',
      'is a URL: fetch it first, or pipe it: curl -L https://example.org/a.mp3 | scriptorium -',
    ],
    ['-', 'stdin is a terminal'],
  ] as const) {
    const { code, stderr } = await world.run(line);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  }
});

test('several recordings become files in the current folder, told on stdout in order', async () => {
  await using world = await madeWorld({ recordings: THREE });
  const { code, stdout } = await world.run('c.wav a.wav b.wav');
  expect([code, stdout]).toEqual([0, 'c.txt\na.txt\nb.txt\n']);
  expect(await world.files()).toEqual(['a.txt', 'b.txt', 'c.txt']);
  expect(await readFile(join(world.cwd, 'b.txt'), 'utf8')).toBe('This is b.wav.\n');
});

test('several formats become files; the folder is made', async () => {
  await using world = await madeWorld({ recordings: ONE });
  await world.run('a.wav -f txt,srt -f native --output_dir deep/out');
  expect(await world.files()).toEqual(['deep/out/a.native.json', 'deep/out/a.srt', 'deep/out/a.txt']);
});

test('--beside writes next to each recording, --output to one file whose ending tells the format', async () => {
  await using world = await madeWorld({ recordings: { 'x/a.wav': '1', 'y/a.wav': '2' } });
  await world.run('x/a.wav y/a.wav --beside -f vtt');
  expect(await world.files()).toEqual(['x/a.vtt', 'y/a.vtt']);
  await world.run('x/a.wav --output film.en.srt');
  expect(await readFile(join(world.cwd, 'film.en.srt'), 'utf8')).toMatch(/^1\n00:00/);
  const both = await world.run('x/a.wav y/a.wav --output one.txt');
  expect(both).toMatchObject({ code: 2 });
  expect((await world.run('x/a.wav --output one.txt -o out')).stderr).toContain('exclude each other');
});

test('recordings that would become the same file keep their ending, or are refused before anything is done', async () => {
  const app = madeApp();
  await using world = await madeWorld({
    app,
    recordings: { 'a.wav': '1', 'a.mp3': '2', 'x/b.wav': '3', 'y/b.wav': '4' },
  });
  expect((await world.run('a.wav a.mp3')).stdout).toBe('a.wav.txt\na.mp3.txt\n');
  const before = app.requests.length;
  const refused = await world.run('x/b.wav y/b.wav');
  expect([refused.code, app.requests.length]).toEqual([2, before]);
  expect(refused.stderr).toContain('x/b.wav and y/b.wav would both become b.wav: use --beside');
});

test('no document ever replaces a recording', async () => {
  await using world = await madeWorld({ recordings: { 'a.txt': 'a recording', 'b.wav': '1' } });
  await world.run('a.txt b.wav --overwrite');
  expect(await readFile(join(world.cwd, 'a.txt'), 'utf8')).toBe('a recording');
  expect(await world.files()).toEqual(['a.txt.txt', 'b.txt']);
  expect(await world.run('a.txt --output a.txt')).toMatchObject({ code: 2 });
});

test('a recording named twice is done once', async () => {
  const app = madeApp();
  await using world = await madeWorld({ app, recordings: ONE });
  await world.run('a.wav ./a.wav');
  expect(app.requests).toHaveLength(1);
});

test('files that exist are kept with a note, and replaced with --overwrite', async () => {
  const app = madeApp();
  await using world = await madeWorld({ app, recordings: { 'a.wav': '1' } });
  await writeFile(join(world.cwd, 'a.txt'), 'mine');
  const kept = await world.run('a.wav -o .');
  expect(kept).toMatchObject({ code: 0, stdout: '' });
  expect(kept.stderr).toContain('a.wav: a.txt is there already; --overwrite replaces it');
  expect(app.requests).toHaveLength(0);
  expect((await world.run('a.wav -o . -f txt,srt')).stdout).toBe('a.srt\n');
  await world.run('a.wav -o . --overwrite');
  expect(await readFile(join(world.cwd, 'a.txt'), 'utf8')).toBe('This is a.wav.\n');
});

test('--channels split writes one file a channel', async () => {
  await using world = await madeWorld({ recordings: ONE });
  await world.run('a.wav --channels split -f srt');
  expect(await world.files()).toEqual(['a.channel-0.srt', 'a.channel-1.srt']);
});

test.each([
  ['missing.wav', 'missing.wav: there is no such file'],
  ['empty.wav', 'empty.wav is an empty file'],
  ['folder', 'folder is a folder: name the recordings in it (folder/*)'],
])('%s is one line and exit code 3', async (name, message) => {
  const app = madeApp();
  await using world = await madeWorld({ app, recordings: { 'empty.wav': '' } });
  await mkdir(join(world.cwd, 'folder'));
  const { code, stdout, stderr } = await world.run(name);
  expect([code, stdout, app.requests.length]).toEqual([3, '', 0]);
  expect(stderr.split('\n')[0]).toBe(`error: ${message}`);
});

test('a recording that fails keeps none of the others from being done, and is listed at the end', async () => {
  const app = madeApp((input, request, hooks) =>
    input.name === 'b.wav'
      ? Promise.reject(new ScriptoriumError('audio-damaged', 'b.wav is cut off'))
      : echo(input, request, hooks),
  );
  await using world = await madeWorld({ app, recordings: THREE });
  const { code, stdout, stderr } = await world.run('a.wav b.wav missing.wav c.wav');
  expect([code, stdout]).toEqual([1, 'a.txt\nc.txt\n']);
  expect(stderr).toContain('error: b.wav is cut off\nExport the recording again; it is cut off or corrupt.\n');
  expect(stderr.endsWith('2 of 4 transcribed, 2 failed:\n  ✗ b.wav\n  ✗ missing.wav\n')).toBe(true);
  expect(app.disposals()).toBe(1);
});

test('what all recordings would fail of is told once, with its own exit code', async () => {
  const app = madeApp(() => Promise.reject(new ScriptoriumError('model-missing', 'no model')));
  await using world = await madeWorld({ app, recordings: THREE });
  const { code, stderr } = await world.run('a.wav b.wav c.wav -j 1');
  expect([code, app.requests.length]).toEqual([6, 1]);
  expect(stderr).toContain('0 of 3 transcribed, 1 failed, 2 not done');
});

test('a fault of ours is told with where it came from', async () => {
  const app = madeApp(() => Promise.reject(new TypeError('x is not a function')));
  await using world = await madeWorld({ app, recordings: ONE });
  const { code, stderr } = await world.run('a.wav');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: this should not happen: TypeError: x is not a function\n(.*\n)*Report it/);
});

test('as many recordings at once as --jobs says, and never more', async () => {
  const arrived: (() => void)[] = [];
  const together: number[] = [];
  // Nobody goes on before three are there.
  const app = madeApp(async (input) => {
    await new Promise<void>((resolve) => {
      if (arrived.push(resolve) < 3) return;
      together.push(arrived.length);
      for (const go of arrived.splice(0)) go();
    });
    return [sentence(input.name)];
  });
  const recordings = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`${String(i)}.wav`, 'x']));
  await using world = await madeWorld({ app, recordings });
  await world.run(`${Object.keys(recordings).join(' ')} --jobs 3`);
  expect(together).toEqual([3, 3, 3]);
});

test('Ctrl-C keeps what is done, leaves nothing half-done, starts nothing more, and exits with 130', async () => {
  let interrupt = (): void => undefined;
  const app = madeApp((input, request, hooks) => {
    if (input.name === 'a.wav') return echo(input, request, hooks);
    interrupt();
    return untilCancelled(input, request, hooks);
  });
  await using world = await madeWorld({ app, recordings: THREE });
  interrupt = () => {
    world.interrupt();
  };
  const { code, stdout, stderr } = await world.run('a.wav b.wav c.wav -j 1');
  expect([code, stdout]).toEqual([130, 'a.txt\n']);
  expect(stderr).toContain('1 of 3 transcribed, 2 not done');
  expect(await world.files()).toEqual(['a.txt']);
  expect([app.requests.length, app.disposals()]).toEqual([2, 1]);
});

test('Ctrl-C is heard while a pipe is silent', async () => {
  let interrupt = (): void => undefined;
  const app = madeApp((input, request, hooks) => {
    setImmediate(() => {
      interrupt();
    });
    return echo(input, request, hooks);
  });
  await using world = await madeWorld({ app, stdin: SILENT });
  interrupt = () => {
    world.interrupt();
  };
  expect(await world.run('-')).toMatchObject({ code: 130, stdout: '' });
});

test('when the reader of stdout leaves, the work only it would have read is taken back, quietly', async () => {
  const app = madeApp();
  await using world = await madeWorld({ app, recordings: ONE, stdoutReads: 0 });
  expect(await world.run('a.wav')).toMatchObject({ code: 0, stderr: '' });
  expect(await world.run('a.wav --json')).toMatchObject({ code: 0, stderr: '' });
  expect(await world.run('--help')).toMatchObject({ code: 0, stderr: '' });
});

test('when the reader of the list leaves, the files are still made', async () => {
  await using world = await madeWorld({ recordings: THREE, stdoutReads: 1 });
  expect((await world.run('a.wav b.wav c.wav')).code).toBe(0);
  expect(await world.files()).toEqual(['a.txt', 'b.txt', 'c.txt']);
});

test('a folder that cannot be made or written is one line, before the work where it can be known, and leaves nothing', async () => {
  const app = madeApp();
  await using world = await madeWorld({ app, recordings: ONE });
  const under = await world.run('a.wav -o a.wav/out');
  expect(under.code).toBe(1);
  expect(under.stderr).toContain('a file stands where a folder is needed');
  const missing = await world.run('a.wav --output no/such/a.srt');
  expect(missing.stderr).toContain('cannot be written: there is no such folder');
  expect((await world.run('a.wav --output a.wav/a.srt')).stderr).toContain('a file stands where a folder is needed');
  expect(app.requests).toHaveLength(0);
  await mkdir(join(world.cwd, 'a.srt'));
  const blocked = await world.run('a.wav -f srt --output a.srt --overwrite');
  expect(blocked.code).toBe(1);
  expect(blocked.stderr).toContain('cannot be written: a folder has this name');
  expect(await world.files()).toEqual([]);
});

test('--json gives events, and no file unless a place or format is named', async () => {
  await using world = await madeWorld({ recordings: ONE });
  const { code, stdout, stderr } = await world.run('a.wav missing.wav --json --words');
  const events: unknown[] = stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect([code, await world.files()]).toEqual([1, []]);
  expect(stderr).not.toContain('{');
  const of = (type: string): unknown => events.find((event) => JSON.stringify(event).startsWith(`{"type":"${type}"`));
  expect(of('start')).toEqual({ type: 'start', input: 'a.wav', index: 0 });
  expect(of('segment')).toMatchObject({
    index: 0,
    channel: 0,
    startMs: 0,
    text: 'This is a.wav.',
    words: [{}, {}, {}],
  });
  expect(of('transcript')).toMatchObject({ transcript: { format: 'scriptorium-transcript', durationMs: 2000 } });
  expect(of('failed')).toMatchObject({
    input: 'missing.wav',
    index: 1,
    code: 'input-missing',
    action: 'Check the path.',
  });
  expect(events.at(-1)).toEqual({ type: 'end', done: 1, skipped: 0, failed: 1, cancelled: 0, exitCode: 1 });

  const written = await world.run('a.wav --json -f srt');
  expect(written.stdout).toContain(`"type":"written","input":"a.wav","index":0,"format":"srt"`);
  expect(await world.files()).toEqual(['a.srt']);
});

test('asks the engine for words only where something needs them', async () => {
  const app = madeApp();
  await using world = await madeWorld({ app, recordings: ONE });
  await world.run('a.wav');
  await world.run('a.wav -f srt');
  await world.run('a.wav -f json --timestamps');
  await world.run('a.wav -f json --timestamps --words');
  await world.run('a.wav -f native --keywords x');
  expect(app.requests.map(({ request }) => request.words)).toEqual([false, true, false, true, true]);
});

test('settings reach the engine', async () => {
  const app = madeApp();
  await using world = await madeWorld({ app, recordings: ONE });
  await world.run(
    'a.wav --prompt Yes --keywords a,b --temperature 0.5 --no-suppress-symbols --task translate -l german',
  );
  expect(app.requests[0]?.request).toMatchObject({
    prompt: 'Yes',
    keywords: ['a', 'b'],
    temperatures: [0.5, 0.7, 0.9],
    suppressSymbols: false,
    task: 'translate',
    language: 'de',
    beamSize: 5,
  });
});

test('on a terminal a bar is drawn and taken away again; -q and --progress none draw nothing', async () => {
  const app = madeApp(async (input, request, hooks) => {
    hooks.onProgress?.({ decodedMs: millis(1000), transcribedMs: millis(500), totalMs: millis(1000) });
    return echo(input, request, hooks);
  });
  await using world = await madeWorld({ app, recordings: ONE, terminal: true });
  const { stderr } = await world.run('a.wav -f srt --output x.srt');
  expect(stderr).toContain('a.wav');
  expect(stderr.lastIndexOf('\u001B[?25h')).toBeGreaterThan(stderr.lastIndexOf('\u001B[?25l'));
  expect((await world.run('a.wav -q')).stderr).toBe('');
  expect((await world.run('a.wav --progress none')).stderr).toBe('');
});

test.skipIf(process.getuid?.() === 0)('a file that may not be read is told as such', async () => {
  await using world = await madeWorld({ recordings: ONE });
  await chmod(join(world.cwd, 'a.wav'), 0o000);
  const { code, stderr } = await world.run('a.wav');
  expect(code).toBe(3);
  expect(stderr).toContain('error: a.wav cannot be read: permission denied\n');
});
