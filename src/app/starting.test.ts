/** What a transcription does while its engine is still starting. */
import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import type { Engine, Vad } from '../core/index.ts';
import { ScriptoriumError } from '../core/index.ts';
import { VAD_FRAME_SAMPLES } from '../core/ports/vad.ts';
import type { AudioInput, TranscribeRequest } from './app.ts';
import { DEFAULT_REQUEST } from './default-request.ts';
import { madeEngine } from './testing/made-engine.ts';
import { transcribeRecording } from './transcribe-recording.ts';

const JFK = fileURLToPath(new URL('../../examples/jfk.wav', import.meta.url));
const speech: AudioInput = { name: 'jfk.wav', path: JFK, open: () => createReadStream(JFK) };
const text: AudioInput = {
  name: 'text.wav',
  async *open() {
    yield await Promise.resolve(Buffer.from('These are words, but nobody has spoken them.\n'.repeat(20)));
  },
};
const silentPipe: AudioInput = {
  name: 'stdin',
  async *open() {
    yield await new Promise<never>(() => {});
  },
};

const request: TranscribeRequest = { ...DEFAULT_REQUEST, language: 'en', beamSize: 1, temperatures: [0] };

/** Hears somebody speak all the time. */
const vad: Vad = {
  open: () => ({ push: (frames) => Promise.resolve(new Float32Array(frames.length / VAD_FRAME_SAMPLES).fill(1)) }),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** A start that is still under way. */
function starting<T>() {
  let arrive: (value: T) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const promise = new Promise<T>((resolve, reject) => {
    arrive = resolve;
    fail = reject;
  });
  return { promise, arrive, fail };
}

describe('while the engine starts', () => {
  test('a recording that cannot be read is told at once', async () => {
    const never = { engine: starting<Engine>().promise, vad: starting<Vad>().promise };
    await expect(transcribeRecording(text, request, never)).rejects.toMatchObject({
      code: 'audio-format-unsupported',
    });
  });

  test('the recording is read as far as its first segment', async () => {
    const { promise, arrive } = starting<Engine>();
    const { engine, asked } = madeEngine(4);
    const read: number[] = [];
    const onProgress = ({ decodedMs }: { readonly decodedMs: number }): void => void read.push(decodedMs);
    const done = transcribeRecording(speech, request, { engine: promise, vad }, { onProgress });
    await vi.waitUntil(() => read.at(-1) === 11_000);
    arrive(engine);
    await vi.waitUntil(() => asked.length > 0);
    asked[0]?.answer('');
    expect(await done).toMatchObject([{ duration: 11_000 }]);
  });

  test.each(['engine', 'vad'])('that the %s cannot start is heard although a pipe is silent', async (what) => {
    const { promise, fail } = starting<never>();
    const parts = { engine: starting<Engine>().promise, vad, [what]: promise };
    const done = transcribeRecording(silentPipe, request, parts);
    const error = new ScriptoriumError('model-invalid', 'it is damaged');
    fail(error);
    await expect(done).rejects.toBe(error);
  });

  test('it can be cancelled, before the recording is open and after', async () => {
    for (const input of [silentPipe, speech]) {
      const stop = new AbortController();
      const parts = { engine: starting<Engine>().promise, vad };
      const done = transcribeRecording(input, request, parts, { signal: stop.signal, onProgress: () => stop.abort() });
      if (input === silentPipe) stop.abort();
      await expect(done).rejects.toMatchObject({ code: 'cancelled' });
    }
  });
});
