/** `scriptorium live` against a server that speaks the protocol to the letter. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { LiveEvent } from '../../src/client/index.ts';
import type { Program } from '../../src/cli/live/program.ts';
import { madeApp } from '../../src/cli/testing/made-app.ts';
import { madeWorld, SILENT } from '../../src/cli/testing/made-world.ts';
import { ScriptoriumError } from '../../src/core/index.ts';
import { strictServer } from '../../src/client/testing/strict-server.ts';

/** Two seconds and a half: one byte of a made recording becomes one sample. */
const TALK = 'x'.repeat(40_000);
const finals = (stdout: string): readonly string[] => stdout.split('\n').filter((line) => line !== '');

test('prints the finals of a recording, a line each, and how soon they came', async () => {
  await using server = await strictServer();
  await using world = await madeWorld({ recordings: { 'talk.wav': TALK } });
  const { code, stdout, stderr } = await world.run(`live talk.wav --server ${server.url}`);
  expect(code).toBe(0);
  expect(finals(stdout)).toHaveLength(3);
  expect(finals(stdout)[0]).toMatch(/^words [0-9a-f]{8}$/);
  expect(stderr).toMatch(/^latency: first words .* settled words .* finals /);
  expect(server.sessions[0]?.received()).toBe(80_000);
  expect(server.violations).toEqual([]);
});

test('asks for what it was told to, and leaves the rest to the server', async () => {
  await using server = await strictServer({ key: 'secret' });
  await using world = await madeWorld({ recordings: { 'talk.wav': 'x' } });
  expect((await world.run(`live talk.wav -s ${server.url} --key secret`)).code).toBe(0);
  const wishes = '--model base --language german --prompt names --speed 0 --plain';
  expect((await world.run(`live talk.wav -s ${server.url} --key secret ${wishes}`)).code).toBe(0);
  expect(server.asked[0]).toEqual({
    type: 'start',
    audio: { encoding: 'pcm_s16le', sample_rate: 16_000, channels: 1 },
    words: true,
    partials: true,
  });
  expect(server.asked[1]).toMatchObject({ model: 'base', language: 'de', prompt: 'names', partials: false });
});

test('a broken connection loses no word, and is told on stderr', async () => {
  await using server = await strictServer();
  await using world = await madeWorld({ recordings: { 'talk.wav': TALK } });
  const whole = await world.run(`live talk.wav -s ${server.url}`);
  server.cutAt([100_000, 130_000]);
  const cut = await world.run(`live talk.wav -s ${server.url}`);
  expect(cut.stdout).toBe(whole.stdout);
  expect(cut.stderr).toMatch(/note: connection lost .*; trying again\n(.*\n)*note: connected again/);
  expect(cut.stderr).toContain('connection resumed');
});

test('sound that the server could not transcribe is told, and is exit code 1', async () => {
  await using server = await strictServer();
  const ledger = (failed: number) => ({
    received: 40_000,
    transcribed: 40_000 - failed,
    silence: 0,
    suppressed: { no_speech: 0 },
    dropped: { failed, cleared: 0, gap: 0 },
  });
  const ran = async (ended: object): Promise<readonly [number, string | undefined]> => {
    const recordings = { 'talk.wav': TALK };
    const hears = (event: LiveEvent): LiveEvent => (event.type === 'ended' ? { ...event, ...ended } : event);
    await using world = await madeWorld({ recordings, hears });
    const { code, stderr } = await world.run(`live talk.wav -s ${server.url}`);
    return [code, /^note: (.*)$/m.exec(stderr)?.[1]];
  };
  expect(await ran({ ledger: ledger(0) })).toEqual([0, undefined]);
  expect(await ran({ ledger: ledger(24_000) })).toEqual([1, '1.5 s of sound could not be transcribed']);
  expect(await ran({ reason: 'failed' })).toEqual([1, 'the server ended the session: failed']);
});

test('on a terminal what is settled and what is open are told apart, and a final ends the line', async () => {
  await using server = await strictServer();
  await using world = await madeWorld({ recordings: { 'talk.wav': TALK }, terminal: true });
  const { stdout } = await world.run(`live talk.wav -s ${server.url}`);
  expect(stdout).toContain('words \u001B[2m');
  expect(stdout.match(/\n/g)).toHaveLength(3);
  await using colourless = await madeWorld({
    recordings: { 'talk.wav': TALK },
    terminal: true,
    env: { NO_COLOR: '1' },
  });
  expect((await colourless.run(`live talk.wav -s ${server.url}`)).stdout).not.toContain('\u001B[2m');
});

test('--json gives every event a line, without what lets others in', async () => {
  await using server = await strictServer();
  await using world = await madeWorld({ recordings: { 'talk.wav': TALK } });
  const { stdout } = await world.run(`live talk.wav --json -s ${server.url}`);
  const types = finals(stdout).map((line) => z.looseObject({ type: z.string() }).parse(JSON.parse(line)).type);
  expect([types[0], types.at(-1)]).toEqual(['started', 'ended']);
  expect(types).toEqual(expect.arrayContaining(['speech_start', 'partial', 'final']));
  expect(stdout).not.toContain('resume-live');
  expect(stdout).not.toContain('view-live');
});

test('takes bare samples from a pipe, and any recording from a pipe', async () => {
  await using server = await strictServer();
  await using world = await madeWorld({ stdin: 'x'.repeat(7001) });
  expect((await world.run(`live - --raw -s ${server.url}`)).code).toBe(0);
  expect((await world.run(`live -s ${server.url}`)).code).toBe(0);
  expect(server.sessions.map((session) => session.received())).toEqual([7000, 14_002]);
});

/** A recorder that gives half a second, and then what it is told to. */
function recorder(complaint: string, isEndless: boolean): Program {
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  return {
    stdout: (async function* () {
      if (complaint !== '') return;
      yield new Uint8Array(16_000);
      if (isEndless) await stopped;
    })(),
    stop,
    ended: Promise.resolve({ code: complaint === '' ? 0 : 1, complaint }),
  };
}

test('Ctrl-C ends the microphone, and its last words are still told', async () => {
  await using server = await strictServer();
  const started: string[] = [];
  await using world = await madeWorld({
    interruptAt: 'speech_start',
    programs(name) {
      started.push(name);
      return name === 'rec' ? recorder('', true) : undefined;
    },
  });
  const { code, stdout } = await world.run(`live --microphone --json -s ${server.url}`);
  expect([code, started]).toEqual([0, ['arecord', 'rec']]);
  expect(stdout).toMatch(/"type":"final"(.*\n)*.*"type":"ended"/);
});

test('Ctrl-C in a recording tells what was said so far, and is code 130', async () => {
  await using server = await strictServer();
  await using world = await madeWorld({ stdin: SILENT, interruptAt: 'started' });
  const { code, stdout } = await world.run(`live - --json -s ${server.url}`);
  expect([code, finals(stdout).length]).toEqual([130, 2]);
});

test('a microphone that nothing here can hear is told with what was tried', async () => {
  await using server = await strictServer();
  await using deaf = await madeWorld();
  const nothing = await deaf.run(`live --microphone -s ${server.url}`);
  expect(nothing.code).toBe(3);
  expect(nothing.stderr).toContain('install arecord (alsa-utils), sox or ffmpeg');
  await using busy = await madeWorld({
    programs: (name) => (name === 'arecord' ? recorder('device is busy', false) : undefined),
  });
  const { stderr } = await busy.run(`live --microphone -s ${server.url}`);
  expect(stderr).toContain('the microphone cannot be heard (arecord: device is busy)');
});

test('nobody there is code 4, with how to start a server; another key is 5; wrong wishes are 2', async () => {
  await using world = await madeWorld({ recordings: { 'talk.wav': TALK } });
  const away = await world.run('live talk.wav -s http://127.0.0.1:9');
  expect([away.code, away.stdout]).toEqual([4, '']);
  expect(away.stderr).toContain('`scriptorium serve`');
  await using server = await strictServer({ key: 'secret' });
  expect((await world.run(`live talk.wav -s ${server.url}`)).code).toBe(5);
  for (const line of [
    'live',
    'live talk.wav --microphone',
    'live talk.wav talk.wav other.wav',
    'live --speed -1 talk.wav',
  ]) {
    expect([line, (await world.run(line)).code]).toEqual([line, 2]);
  }
  expect((await world.run(`live missing.wav -s ${server.url}`)).code).toBe(3);
  expect(server.sessions).toEqual([]);
});

test('a recording that breaks off tells what was said before, and its fault', async () => {
  await using server = await strictServer();
  const { app } = madeApp();
  const breaking = async function* (): AsyncGenerator<Float32Array> {
    yield new Float32Array(20_000);
    throw await Promise.resolve(new ScriptoriumError('audio-damaged', 'talk.wav is damaged'));
  };
  await using world = await madeWorld({
    recordings: { 'talk.wav': TALK },
    app: { ...madeApp(), app: { ...app, decode: breaking } },
  });
  const { code, stdout, stderr } = await world.run(`live talk.wav -s ${server.url}`);
  expect(code).toBe(3);
  expect(finals(stdout)).toHaveLength(2);
  expect(stderr).toContain('error: talk.wav is damaged');
});
