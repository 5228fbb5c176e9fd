import { describe, expect, test } from 'vitest';
import type { Segment } from '../core/index.ts';
import { DEFAULT_DECODE_OPTIONS, ScriptoriumError, samples } from '../core/index.ts';
import { madeEngine } from './testing/made-engine.ts';
import type { ChannelOptions } from './transcribe-channel.ts';
import { transcribeChannel } from './transcribe-channel.ts';

/** Segments that know which they are, and how many were taken. */
function numbered(count: number) {
  const taken = { count: 0, left: false };
  async function* segments(): AsyncGenerator<Segment, void, undefined> {
    try {
      for (let i = 0; i < count; i++) {
        taken.count++;
        yield await Promise.resolve({ start: samples(i), pcm: new Float32Array(1), speech: [] });
      }
    } finally {
      taken.left = true;
    }
  }
  return { segments: segments(), taken };
}

const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Reads all of it: texts as they come, and how it ended. */
function reading(segments: AsyncIterable<Segment>, more: Partial<ChannelOptions> & Pick<ChannelOptions, 'engine'>) {
  const texts: string[] = [];
  const done = (async () => {
    const options = {
      decode: DEFAULT_DECODE_OPTIONS,
      previousText: false,
      signal: new AbortController().signal,
      ...more,
    };
    for await (const { segment, result } of transcribeChannel(segments, options)) {
      texts.push(`${segment.start} ${result.text}`);
    }
    return 'read';
  })().catch((error: unknown) => error);
  return { texts, done };
}

describe('transcribeChannel', () => {
  test('yields in the order of the segments, in whatever order they are answered', async () => {
    const { engine, asked } = madeEngine(4);
    const { texts, done } = reading(numbered(3).segments, { engine });
    await settle();
    expect(asked.length).toBe(3);
    asked[2]?.answer('c');
    asked[1]?.answer('b');
    await settle();
    expect(texts).toEqual([]);
    asked[0]?.answer('a');
    expect(await done).toBe('read');
    expect(texts).toEqual(['0 a', '1 b', '2 c']);
  });

  test('tells that a segment is done although one before it is not', async () => {
    const { engine, asked } = madeEngine(4);
    const told: string[] = [];
    const onProgress = ({ start }: Segment, share: number): void => void told.push(`${start} ${share}`);
    const { done } = reading(numbered(2).segments, { engine, onProgress });
    await settle();
    asked[0]?.tell(0.5);
    asked[1]?.answer('b');
    await settle();
    expect(told).toEqual(['0 0.5', '1 1']);
    asked[0]?.answer('a');
    await done;
  });

  test('asks no more at once than the engine takes and the reader has read', async () => {
    const { engine, asked } = madeEngine(2);
    const { segments, taken } = numbered(100);
    const { texts } = reading(segments, { engine });
    await settle();
    // One is with the reader, two wait behind it.
    const first = asked.length;
    expect(first).toBeLessThanOrEqual(3);
    asked[0]?.answer('a');
    await settle();
    expect(texts).toEqual(['0 a']);
    expect(asked.length).toBe(first + 1);
    expect(taken.count).toBeLessThanOrEqual(asked.length + 1);
  });

  test('gives each segment the text before it, when that is wanted, one at a time', async () => {
    const { engine, asked } = madeEngine(8);
    const { texts, done } = reading(numbered(3).segments, { engine, previousText: true });
    await settle();
    expect(asked.map(({ prompt }) => prompt)).toEqual([undefined]);
    asked[0]?.answer('one');
    await settle();
    expect(asked.map(({ prompt }) => prompt)).toEqual([undefined, 'one']);
    asked[1]?.answer('two');
    await settle();
    expect(asked.map(({ prompt }) => prompt)).toEqual([undefined, 'one', 'two']);
    asked[2]?.answer('three');
    await done;
    expect(texts).toEqual(['0 one', '1 two', '2 three']);
  });

  test('cancels what is under way when one segment fails, and tells why it failed', async () => {
    const { engine, asked } = madeEngine(4);
    const { texts, done } = reading(numbered(3).segments, { engine });
    await settle();
    asked[0]?.answer('a');
    const reason = new ScriptoriumError('engine-crashed', 'it died');
    asked[1]?.fail(reason);
    expect(await done).toBe(reason);
    expect(texts).toEqual(['0 a']);
    expect(asked[2]?.signal?.aborted).toBe(true);
  });

  test('lets go of engine and source when the reader leaves', async () => {
    const { engine, asked } = madeEngine(2);
    const { segments, taken } = numbered(100);
    const options = {
      engine,
      decode: DEFAULT_DECODE_OPTIONS,
      previousText: false,
      signal: new AbortController().signal,
    };
    const stream = transcribeChannel(segments, options);
    const first = stream.next();
    await settle();
    asked[0]?.answer('a');
    await first;
    await stream.return();
    expect(asked.slice(1).every(({ signal }) => signal?.aborted === true)).toBe(true);
    expect(taken.left).toBe(true);
    expect(taken.count).toBeLessThan(6);
  });

  test('ends with the reason of its signal', async () => {
    const { engine, asked } = madeEngine(2);
    const stop = new AbortController();
    const { done } = reading(numbered(5).segments, { engine, signal: stop.signal });
    await settle();
    const reason = new Error('enough');
    stop.abort(reason);
    expect(await done).toBe(reason);
    expect(asked.every(({ signal }) => signal?.aborted === true)).toBe(true);
  });

  test('ends with the reason of its signal when that came before the first segment', async () => {
    const { engine, asked } = madeEngine(2);
    const reason = new Error('enough');
    const { done } = reading(numbered(5).segments, { engine, signal: AbortSignal.abort(reason) });
    expect(await done).toBe(reason);
    expect(asked).toEqual([]);
  });

  test('passes on why its source failed, after what came before', async () => {
    const { engine, asked } = madeEngine(2);
    const reason = new Error('cut off');
    async function* broken(): AsyncGenerator<Segment, void, undefined> {
      yield await Promise.resolve({ start: samples(0), pcm: new Float32Array(1), speech: [] });
      throw reason;
    }
    const { texts, done } = reading(broken(), { engine });
    await settle();
    asked[0]?.answer('a');
    expect(await done).toBe(reason);
    expect(texts).toEqual(['0 a']);
  });

  test('asks nothing when there is no segment', async () => {
    const { engine, asked } = madeEngine(2);
    expect(await reading(numbered(0).segments, { engine }).done).toBe('read');
    expect(asked).toEqual([]);
  });
});
