import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import type { AudioContextLike, AudioWorld, MediaStreamLike } from './audio-world.ts';
import { microphone } from './microphone.ts';
import { resampler } from './to-16k.ts';
import { WORKLET_SOURCE } from './worklet.ts';

/** A browser whose microphone gives what it is told to. */
function madeWorld({ rate, refuses, exact = true }: { rate: number; refuses?: string; exact?: boolean }) {
  const listeners: ((event: { readonly data: unknown }) => void)[] = [];
  const ended: (() => void)[] = [];
  const log: string[] = [];
  const stream: MediaStreamLike = {
    getTracks: () => [
      { stop: () => void log.push('track stopped'), addEventListener: (_type, listener) => void ended.push(listener) },
    ],
  };
  const node = () => ({ connect: () => undefined, disconnect: () => void log.push('disconnected') });
  class Context implements AudioContextLike {
    readonly sampleRate: number;
    readonly destination = node();
    readonly audioWorklet = { addModule: (url: string) => Promise.resolve(void log.push(url.split(':')[0] ?? '')) };
    constructor(options?: { sampleRate: number }) {
      this.sampleRate = options?.sampleRate ?? rate;
    }
    createMediaStreamSource() {
      if (!exact && this.sampleRate !== rate) throw new Error('another rate');
      return node();
    }
    resume = () => Promise.resolve();
    close = () => Promise.resolve(void log.push('closed'));
  }
  class Node {
    readonly port = {
      addEventListener: (_type: 'message', listener: (event: { readonly data: unknown }) => void) =>
        void listeners.push(listener),
      start: () => void log.push('port started'),
      close: () => void log.push('port closed'),
    };
    connect = () => undefined;
    disconnect = () => undefined;
  }
  const world: AudioWorld = {
    AudioContext: Context,
    AudioWorkletNode: Node,
    mediaDevices: {
      getUserMedia: () =>
        refuses === undefined
          ? Promise.resolve(stream)
          : Promise.reject(Object.assign(new Error('no'), { name: refuses })),
    },
  };
  return {
    world,
    log,
    speak: (samples: Float32Array) => listeners.forEach((listener) => listener({ data: samples })),
    unplug: () => ended.forEach((listener) => listener()),
  };
}

const tone = (hz: number, rate: number, seconds: number): Float32Array =>
  Float32Array.from({ length: rate * seconds }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / rate));
const rms = (samples: ArrayLike<number>): number =>
  Math.sqrt(Array.from(samples).reduce((sum, value) => sum + value ** 2, 0) / samples.length);

async function read(source: AsyncIterable<Int16Array>): Promise<Int16Array[]> {
  const frames: Int16Array[] = [];
  for await (const frame of source) frames.push(frame);
  return frames;
}

test('gives 16 kHz in frames of 50 ms, the rest at its end, and lets go of the device once', async () => {
  const { world, speak, log } = madeWorld({ rate: 48_000 });
  const open = await microphone({ world });
  speak(tone(440, 16_000, 0.13));
  expect(open.level()).toBeCloseTo(0.5 / Math.SQRT2, 2);
  await Promise.all([open.stop(), open.stop()]);
  expect((await read(open)).map(({ length }) => length)).toEqual([800, 800, 480]);
  expect(log.filter((line) => line === 'track stopped')).toHaveLength(1);
  expect(log).toEqual(expect.arrayContaining(['blob', 'port started', 'port closed', 'closed']));
  expect(open.level()).toBe(0);
});

test('a browser that gives its own rate is resampled: speech stays, what is above 8 kHz goes', async () => {
  const loudness = async (hz: number): Promise<number> => {
    const { world, speak } = madeWorld({ rate: 48_000, exact: false });
    const open = await microphone({ world });
    const whole = tone(hz, 48_000, 1);
    for (let at = 0; at < whole.length; at += 1024) speak(whole.subarray(at, at + 1024));
    await open.stop();
    const frames = await read(open);
    expect(frames.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(15_900);
    return rms(frames.slice(2, -2).flatMap((frame) => [...frame])) / 32_767 / (0.5 / Math.SQRT2);
  };
  expect(await loudness(1000)).toBeCloseTo(1, 2);
  expect(await loudness(6000)).toBeGreaterThan(0.9);
  expect(await loudness(10_000)).toBeLessThan(0.01);
});

test('a stream is resampled the same however it is cut', () => {
  const whole = tone(700, 44_100, 0.3);
  const once = [...resampler(44_100, 16_000).push(whole)];
  const cut = resampler(44_100, 16_000);
  const pieces: number[] = [];
  for (let at = 0; at < whole.length; at += 777) pieces.push(...cut.push(whole.subarray(at, at + 777)));
  expect(pieces.length).toBe(once.length);
  expect(Math.max(...pieces.map((value, i) => Math.abs(value - (once[i] ?? 9))))).toBeLessThan(1e-6);
});

test('keeps the newest ten seconds for a reader that is away', async () => {
  const { world, speak } = madeWorld({ rate: 16_000 });
  const open = await microphone({ world });
  for (let i = 0; i < 300; i++) speak(new Float32Array(800).fill(i / 1000));
  await open.stop();
  const frames = await read(open);
  expect(frames).toHaveLength(200);
  expect(frames.at(-1)?.[0]).toBe(Math.round(0.299 * 32_767));
});

test('ends when the device is taken away', async () => {
  const { world, unplug } = madeWorld({ rate: 16_000 });
  const reading = read(await microphone({ world }));
  unplug();
  expect(await reading).toEqual([]);
});

test('says why there is no microphone', async () => {
  for (const [refuses, code] of [
    ['NotAllowedError', 'microphone-denied'],
    ['NotFoundError', 'microphone-missing'],
    ['NotReadableError', 'microphone-failed'],
  ] as const) {
    await expect(microphone({ world: madeWorld({ rate: 16_000, refuses }).world })).rejects.toMatchObject({ code });
  }
  const { world } = madeWorld({ rate: 16_000 });
  await expect(microphone({ world: { ...world, mediaDevices: undefined } })).rejects.toMatchObject({
    code: 'microphone-missing',
  });
  await expect(microphone()).rejects.toMatchObject({ code: 'microphone-missing' });
});

test('the program of the audio thread is one that a browser can read', () => {
  expect(() => new Script(WORKLET_SOURCE)).not.toThrow();
});
