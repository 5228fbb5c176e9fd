import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { millis } from '../../../core/index.ts';
import { collect, inPieces } from '../../testing/fixtures.ts';
import { tone16, wavFile } from '../../testing/wav-file.ts';
import { openAudio } from '../open-audio.ts';
import { nodeFfmpeg, type FfmpegChild, type FfmpegRunner } from './runner.ts';

const MP4 = Buffer.from('\0\0\0\x18ftypM4A \0\0\0\0 and so on', 'latin1');
let tempFolder: string;

beforeEach(async () => {
  tempFolder = await mkdtemp(join(tmpdir(), 'ffmpeg-test-'));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(tempFolder, { recursive: true, force: true });
});

interface FakeChild extends FfmpegChild {
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
  readonly args: readonly string[];
  readonly killed: () => boolean;
  finish(code: number): void;
}

/** A stand-in that does what a test tells it. */
function fakeFfmpeg(act: (child: FakeChild) => void): {
  readonly runner: FfmpegRunner;
  readonly child: () => FakeChild;
} {
  let started: FakeChild | undefined;
  const start = (args: readonly string[]): FfmpegChild => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    let killed = false;
    let finish: (code: number) => void = () => {};
    const exit = new Promise<{ readonly code: number }>((resolve) => {
      finish = (code) => {
        stdout.end();
        stderr.end();
        resolve({ code });
      };
    });
    const kill = (): void => {
      killed = true;
      finish(137);
    };
    started = { stdout, stderr, exit, kill, args, killed: () => killed, finish };
    act(started);
    return started;
  };
  const child = (): FakeChild => {
    if (started === undefined) throw new Error('ffmpeg was not started');
    return started;
  };
  return { runner: { start, tempFolder, stallLimit: millis(5_000) }, child };
}

describe('ffmpeg', () => {
  test('is given a copy of what is no file, which is gone afterwards', async () => {
    const { runner, child } = fakeFfmpeg((fake) => {
      fake.stdout.write(wavFile(tone16(1_000), { dataSize: 0xffff_ffff }));
      fake.finish(0);
    });
    const stream = await openAudio(inPieces(MP4), { name: 'x', ffmpeg: runner });
    const copy =
      child()
        .args.find((argument) => argument.startsWith('file:'))
        ?.slice('file:'.length) ?? '';
    expect(copy.startsWith(tempFolder)).toBe(true);
    expect(existsSync(copy)).toBe(true);
    expect((await collect(stream.blocks))[0]).toHaveLength(1_000);
    expect(await readdir(tempFolder)).toEqual([]);
  });

  test('reads a file itself, without a copy', async () => {
    const { runner, child } = fakeFfmpeg((fake) => {
      fake.stdout.write(wavFile(tone16(1_000), { dataSize: 0xffff_ffff }));
      fake.finish(0);
    });
    const stream = await openAudio(inPieces(MP4), { name: 'x', ffmpeg: runner, path: '/recordings/concat:x.m4a' });
    await collect(stream.blocks);
    expect(child().args).toContain('file:/recordings/concat:x.m4a');
    expect(child().args.join(' ')).toContain('-nostdin -v error -protocol_whitelist pipe,file');
  });

  test('is ended, and its copy removed, when the recording is left half way', async () => {
    const { runner, child } = fakeFfmpeg((fake) => {
      fake.stdout.write(wavFile(tone16(200_000), { dataSize: 0xffff_ffff }));
    });
    const stream = await openAudio(inPieces(MP4), { name: 'x', ffmpeg: runner });
    for await (const block of stream.blocks) {
      expect(block).toHaveLength(1);
      break;
    }
    expect(child().killed()).toBe(true);
    expect(await readdir(tempFolder)).toEqual([]);
  });

  test('is ended when it gives nothing for too long', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { runner, child } = fakeFfmpeg(() => vi.advanceTimersByTime(0));
    const work = openAudio(inPieces(MP4), { name: 'x', ffmpeg: runner, path: '/x.m4a' });
    work.catch(() => {});
    await vi.advanceTimersByTimeAsync(5_001);
    await expect(work).rejects.toMatchObject({
      code: 'audio-damaged',
      message: 'x: ffmpeg gave nothing for 5000 ms and was ended',
    });
    expect(child().killed()).toBe(true);
  });

  test('that fails says why, in one line', async () => {
    const { runner } = fakeFfmpeg((fake) => {
      fake.stderr.write('[mov @ 0x55d]\nfile:/tmp/secret/recording: Invalid data found when processing input\n');
      setImmediate(() => fake.finish(1));
    });
    await expect(openAudio(inPieces(MP4), { name: 'x.m4a', ffmpeg: runner })).rejects.toMatchObject({
      code: 'audio-damaged',
      message: 'x.m4a is M4A/MP4 that ffmpeg cannot read (Invalid data found when processing input)',
    });
    expect(await readdir(tempFolder)).toEqual([]);
  });

  test('that finds no sound in a film says so', async () => {
    const { runner } = fakeFfmpeg((fake) => {
      fake.stderr.write('Output file #0 does not contain any stream\n');
      setImmediate(() => fake.finish(1));
    });
    await expect(openAudio(inPieces(MP4), { name: 'x.mp4', ffmpeg: runner })).rejects.toMatchObject({
      code: 'audio-format-unsupported',
      message: 'x.mp4 is M4A/MP4 without an audio track',
    });
  });

  test('that fails half way gives what it gave, and a warning', async () => {
    const { runner } = fakeFfmpeg((fake) => {
      fake.stdout.write(wavFile(tone16(1_000), { dataSize: 0xffff_ffff }));
      fake.stderr.write('[aac @ 0x55d] channel element 3.4 is not allocated\n');
      setImmediate(() => fake.finish(1));
    });
    const warnings: string[] = [];
    const onWarning = ({ message }: { readonly message: string }): void => void warnings.push(message);
    const stream = await openAudio(inPieces(MP4), { name: 'x', ffmpeg: runner, onWarning });
    expect((await collect(stream.blocks))[0]).toHaveLength(1_000);
    expect(warnings).toEqual([
      'x is damaged: parts of its M4A/MP4 were left out (channel element 3.4 is not allocated)',
    ]);
  });

  test('that is not there is an error of the format', async () => {
    const runner = nodeFfmpeg('/nowhere/ffmpeg', { tempFolder, stallLimit: millis(5_000) });
    await expect(openAudio(inPieces(MP4), { name: 'x', ffmpeg: runner })).rejects.toMatchObject({
      code: 'audio-format-unsupported',
      message: 'x is M4A/MP4 audio and ffmpeg could not be started',
    });
    expect(await readdir(tempFolder)).toEqual([]);
  });

  test('without a folder for its copy is an error of that folder', async () => {
    const { runner } = fakeFfmpeg(() => {});
    const ffmpeg = { ...runner, tempFolder: join(tempFolder, 'missing') };
    await expect(openAudio(inPieces(MP4), { name: 'x', ffmpeg })).rejects.toMatchObject({ code: 'output-unwritable' });
  });
});
