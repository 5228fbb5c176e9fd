/** An engine for tests of what leads to it: answers each segment when it is told to. */
import type { Engine, EngineResult, Segment } from '../../core/index.ts';
import { MADE_INFO, madeResult } from '../../core/testing/made-decoding.ts';

export interface Asked {
  readonly segment: Segment;
  readonly prompt: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Tells how far it is. */
  tell(share: number): void;
  answer(text: string): void;
  fail(error: Error): void;
}

export function madeEngine(concurrency: number): { readonly engine: Engine; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const engine: Engine = {
    info: MADE_INFO,
    concurrency,
    transcribe: (segment, options, signal, onProgress) =>
      new Promise<EngineResult>((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        asked.push({
          segment,
          prompt: options.prompt,
          signal,
          tell: (share) => onProgress?.(share),
          answer: (text) => resolve(madeResult(text)),
          fail: reject,
        });
      }),
    stats: () => ({
      segments: 0,
      retries: { loop: 0, 'early-end': 0, 'low-probability': 0, repetition: 0 },
      restarts: 0,
      outgrown: 0,
      memoryBytes: 0,
      encodeMs: 0,
      decodeMs: 0,
      steps: 0,
      rows: 0,
    }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { engine, asked };
}
