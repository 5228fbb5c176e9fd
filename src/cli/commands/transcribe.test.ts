import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { millis } from '../../core/index.ts';
import { echo, madeApp, sentence } from '../testing/made-app.ts';
import { madeWorld } from '../testing/made-world.ts';

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

test('no document replaces a recording that a link leads to', async () => {
  await using world = await madeWorld({ recordings: { 'a.txt': 'a recording', 'x/b.wav': '1' } });
  await symlink('a.txt', join(world.cwd, 'link.txt'));
  const named = await world.run('a.txt --output link.txt --overwrite');
  expect([named.code, named.stderr]).toEqual([2, expect.stringContaining('would replace the recording itself')]);
  await symlink('.', join(world.cwd, 'here'));
  const placed = await world.run('a.txt -o here --overwrite');
  expect([placed.code, placed.stderr]).toEqual([2, expect.stringContaining('is the recording a.txt itself')]);
  expect(await readFile(join(world.cwd, 'a.txt'), 'utf8')).toBe('a recording');
});

test('--output takes - and the devices of stdout for stdout', async () => {
  await using world = await madeWorld({ recordings: ONE });
  for (const name of ['-', '/dev/stdout', '/dev/fd/1']) {
    expect(await world.run(`a.wav --output ${name}`)).toEqual({ code: 0, stdout: 'This is a.wav.\n', stderr: '' });
  }
  expect((await world.run('a.wav --output - -f vtt')).stdout).toMatch(/^WEBVTT/);
  expect(await world.run('a.wav --output - --json')).toMatchObject({ code: 2 });
  expect(await world.files()).toEqual([]);
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

test('--channels split keeps every file that exists, and makes each that is missing', async () => {
  await using world = await madeWorld({ recordings: { 'mono.wav': '1', 'st.wav': '2' } });
  const put = (name: string): Promise<void> => writeFile(join(world.cwd, name), 'mine');
  const read = (name: string): Promise<string> => readFile(join(world.cwd, name), 'utf8');
  await put('mono.txt');
  const mono = await world.run('mono.wav --channels split');
  expect([mono.code, mono.stdout, await read('mono.txt')]).toEqual([0, '', 'mine']);
  expect(mono.stderr).toBe('mono.wav: mono.txt is there already; --overwrite replaces it\n');
  await put('st.channel-1.srt');
  const second = await world.run('st.wav --channels split -f srt');
  expect([second.code, second.stdout, await read('st.channel-1.srt')]).toEqual([0, 'st.channel-0.srt\n', 'mine']);
  expect(second.stderr).toContain('st.wav: st.channel-1.srt is there already; --overwrite replaces it\n');
  await put('st.channel-0.txt');
  const first = await world.run('st.wav --channels split -f txt,srt --json');
  expect(first.stdout.match(/"type":"(written|skipped)".*/g)).toEqual([
    expect.stringMatching(/skipped.*st.channel-0.txt"/),
    expect.stringMatching(/skipped.*st.channel-0.srt"/),
    expect.stringMatching(/skipped.*st.channel-1.srt"/),
    expect.stringMatching(/written.*st.channel-1.txt"/),
  ]);
  expect(await read('st.channel-0.txt')).toBe('mine');
  const all = await world.run('st.wav --channels split -f txt,srt --json');
  expect(all.stdout).toContain('{"type":"end","done":0,"skipped":1,"failed":0,"cancelled":0,"exitCode":0}');
  await world.run('st.wav --channels split --overwrite');
  expect(await read('st.channel-0.txt')).toBe('This is st.wav.\n');
});

test('a file that came while the recording was transcribed is kept', async () => {
  const app = madeApp(async (input, request, hooks) => {
    await writeFile(join(world.cwd, 'a.txt'), 'mine');
    return echo(input, request, hooks);
  });
  await using world = await madeWorld({ app, recordings: ONE });
  const { code, stdout, stderr } = await world.run('a.wav -o . -f txt,srt');
  expect([code, stdout]).toEqual([0, 'a.srt\n']);
  expect(stderr).toContain('a.txt is there already');
  expect(await readFile(join(world.cwd, 'a.txt'), 'utf8')).toBe('mine');
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
