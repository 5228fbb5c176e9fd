import { setMaxListeners } from 'node:events';
import type { Segment as SpeechSegment } from '../core/index.ts';
import { ScriptoriumError, boundedQueue } from '../core/index.ts';
import type { DecodeOptions, Engine, EngineResult } from '../core/index.ts';

/** A segment and what the engine made of it. */
export interface TranscribedSegment {
  readonly segment: SpeechSegment;
  readonly result: EngineResult;
}

export interface ChannelOptions {
  readonly engine: Engine;
  readonly decode: DecodeOptions;
  /** Whether each segment's text is the prompt of the next: one at a time then. */
  readonly previousText: boolean;
  readonly signal: AbortSignal;
  /** Told now and then which share of a segment is done, in [0, 1]; 1 once it is answered, whatever waits before it. */
  readonly onProgress?: (segment: SpeechSegment, share: number) => void;
}

/**
 * Has the engine transcribe segments as they come, as many at once as it takes, and yields them in order.
 * When one fails, or the reader leaves, those under way are cancelled.
 */
export async function* transcribeChannel(
  segments: AsyncIterable<SpeechSegment>,
  { engine, decode, previousText, signal, onProgress }: ChannelOptions,
): AsyncGenerator<TranscribedSegment, void, undefined> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  // Every segment under way listens to it.
  setMaxListeners(engine.concurrency * 2, both);
  const queue = boundedQueue<{ readonly segment: SpeechSegment; readonly result: Promise<EngineResult> }>(
    previousText ? 1 : engine.concurrency,
  );
  const feeding = (async () => {
    let earlier: Promise<string> = Promise.resolve('');
    for await (const segment of segments) {
      both.throwIfAborted();
      const before = previousText ? await earlier : '';
      const options = before === '' ? decode : { ...decode, prompt: `${decode.prompt ?? ''} ${before}`.trim() };
      const result = engine.transcribe(segment, options, both, (share) => onProgress?.(segment, share));
      earlier = result.then(({ text }) => {
        onProgress?.(segment, 1);
        return text;
      });
      // Its reader may be far behind; an unheard rejection must not end the process.
      earlier.catch(() => {});
      await queue.push({ segment, result });
    }
  })().then(
    () => queue.close(),
    (error: unknown) => queue.fail(error),
  );
  try {
    for await (const { segment, result } of queue) yield { segment, result: await result };
  } finally {
    stop.abort(new ScriptoriumError('cancelled', 'no longer wanted'));
    await feeding;
  }
}
