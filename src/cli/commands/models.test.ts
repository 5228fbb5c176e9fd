import { expect, test } from 'vitest';
import { madeApp } from '../testing/made-app.ts';
import { madeWorld } from '../testing/made-world.ts';

test('models list is a table for people and JSON for programs', async () => {
  await using world = await madeWorld();
  for (const line of ['models', 'models list', 'models ls']) {
    expect((await world.run(line)).stdout).toBe(
      'NAME     SIZE     SPEAKS        HERE      LICENCE\n' +
        'tiny.en  43.5 MB  English       built-in  MIT\n' +
        'base     ?        multilingual            MIT\n',
    );
  }
  expect(JSON.parse((await world.run('models list --json')).stdout)).toMatchObject([
    { name: 'tiny.en' },
    { name: 'base' },
  ]);
});

test('models pull prints where the model stands; unknown names are told, the others still pulled', async () => {
  await using world = await madeWorld();
  expect(await world.run('models pull tiny.en')).toEqual({ code: 0, stdout: '/models/tiny.en.bin\n', stderr: '' });
  const { code, stdout, stderr } = await world.run('models pull nope tiny.en');
  expect([code, stdout]).toEqual([1, '/models/tiny.en.bin\n']);
  expect(stderr).toContain('error: nope: there is no model of this name');
  expect((await world.run('models pull nope')).code).toBe(6);
});

test('models pull takes a mirror and shows progress on a terminal', async () => {
  await using world = await madeWorld({ terminal: true });
  const { stdout, stderr } = await world.run('models pull tiny.en --mirror /mnt --json');
  expect(JSON.parse(stdout)).toMatchObject({ source: '/mnt' });
  expect(stderr).toContain('tiny.en  0%  100 B of 43.5 MB');
  expect(stderr.endsWith('\r\u001B[2K')).toBe(true);
});

test('models info, rm and verify tell what they found and did', async () => {
  await using world = await madeWorld();
  expect((await world.run('models info tiny.en')).stdout).toMatch(/precision {5}int8\n/);
  expect((await world.run('models rm tiny.en')).stdout).toBe('/models/tiny.en.bin\n');
  expect((await world.run('models verify')).stdout).toBe('tiny.en  sound: SHA-256 as published\n');
});

test('a damaged model is told, with exit code 6', async () => {
  const made = madeApp();
  const verdict = { name: 'm', path: '/m', by: 'structure', sound: false, reason: 'cut off' } as const;
  const models = { ...made.app.models, verify: () => Promise.resolve([verdict]) };
  await using world = await madeWorld({ app: { ...made, app: { ...made.app, models } } });
  expect(await world.run('models verify')).toMatchObject({ code: 6, stdout: 'm  DAMAGED: cut off\n' });
});

test.each([
  ['models pul', 'models has no action pul; did you mean pull?'],
  ['models pull', 'models pull needs the name of a model'],
  ['models rm', 'models rm needs the name of a model'],
  ['models info', 'models info needs one name or path'],
])('%s is wrong usage', async (line, message) => {
  await using world = await madeWorld();
  const { code, stderr } = await world.run(line);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test('doctor prints a line a check with its fix, and JSON for a bug report', async () => {
  await using world = await madeWorld();
  const { code, stdout } = await world.run('doctor');
  expect([code, stdout]).toEqual([
    0,
    '✓ node              v20.11.0\n! ffmpeg            not found\n                    Install ffmpeg for video.\n',
  ]);
  expect(JSON.parse((await world.run('doctor --json')).stdout)).toMatchObject({
    healthy: true,
    version: '1.2.3',
    checks: [{ facts: { version: '20.11.0' } }, { status: 'warn' }],
  });
});

test('doctor exits with 1 when something keeps transcription from working', async () => {
  const check = { name: 'model', status: 'fail', detail: 'missing', fix: 'Pull it.', facts: {} } as const;
  await using world = await madeWorld({ app: madeApp(undefined, [check]) });
  expect((await world.run('doctor')).code).toBe(1);
});
