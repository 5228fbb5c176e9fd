import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ScriptoriumError } from '../../core/index.ts';
import { echo, madeApp, untilCancelled } from '../testing/made-app.ts';
import { madeWorld, SILENT } from '../testing/made-world.ts';

const ONE = { 'a.wav': 'bytes' };
const THREE = { 'a.wav': '1', 'b.wav': '2', 'c.wav': '3' };

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

test('a full disk behind stdout is told once, and files are still made', async () => {
  const stdoutFailure = new ScriptoriumError('output-unwritable', 'stdout: the disk is full');
  const app = madeApp();
  await using world = await madeWorld({ app, recordings: THREE, stdoutReads: 0, stdoutFailure });
  const told = 'error: stdout: the disk is full\nCheck the folder, its permissions and free space.\n';
  for (const line of ['a.wav', 'a.wav --json', '--help', 'models list']) {
    expect(await world.run(line)).toEqual({ code: 1, stdout: '', stderr: told });
  }
  const events = await world.run('a.wav b.wav c.wav --json -j 1');
  expect([events.code, events.stderr.split('error:').length]).toEqual([1, 2]);
  const files = await world.run('a.wav b.wav c.wav');
  expect([files.code, files.stderr.endsWith(`3 of 3 transcribed\n${told}`)]).toEqual([1, true]);
  expect(files.stderr.split('error:')).toHaveLength(2);
  expect(await world.files()).toEqual(['a.txt', 'b.txt', 'c.txt']);
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

test.skipIf(process.platform !== 'linux')(
  'a file system that takes no folders is told, not tried for ever',
  async () => {
    await using world = await madeWorld({ recordings: ONE });
    const { code, stderr } = await world.run('a.wav -o /proc/nope');
    expect(code).toBe(1);
    expect(stderr).toContain(
      'error: /proc/nope cannot be made: no folder can be made there; name another with --output-dir\n',
    );
  },
);

test.skipIf(process.getuid?.() === 0)('a file that may not be read is told as such', async () => {
  await using world = await madeWorld({ recordings: ONE });
  await chmod(join(world.cwd, 'a.wav'), 0o000);
  const { code, stderr } = await world.run('a.wav');
  expect(code).toBe(3);
  expect(stderr).toContain('error: a.wav cannot be read: permission denied\n');
});
