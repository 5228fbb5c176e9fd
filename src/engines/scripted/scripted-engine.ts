import type {
  Clock,
  DecodeOptions,
  Engine,
  EngineResult,
  EngineStats,
  Millis,
  ModelInfo,
  Segment,
} from '../../core/index.ts';
import { LANGUAGES, ScriptoriumError, millis } from '../../core/index.ts';
import { scriptedResult } from './scripted-text.ts';

export { scriptedText } from './scripted-text.ts';

/**
 * `crash`: the process dies, and every segment in hand with it (`engine-crashed`). `hang`: no answer; after `hangTimeout` the
 * process is stopped, with the same loss (`engine-timeout`). `refuse`: this segment fails (`engine-failed`), others go on.
 */
export type Fault = 'crash' | 'hang' | 'refuse';

export interface ScriptedOptions {
  readonly clock: Clock;
  /** Segments worked on at once; the others wait. */
  readonly concurrency: number;
  /** What one segment takes. */
  readonly service: (segment: Segment) => Millis;
  /** What goes wrong with a segment, asked when its work begins; nothing unless given. */
  readonly fault?: (segment: Segment) => Fault | undefined;
  readonly hangTimeout?: Millis;
  readonly name?: string;
}

/** An engine whose next death is a call away. */
export interface ScriptedEngine extends Engine {
  /** As if the process were killed: all in hand fail with `engine-crashed`. */
  crash(): void;
}

interface Held {
  readonly segment: Segment;
  readonly options: DecodeOptions;
  readonly resolve: (result: EngineResult) => void;
  readonly reject: (error: unknown) => void;
  /** Forgets the timer of its work; undefined while it waits. */
  forget: (() => void) | undefined;
}

const HANG_TIMEOUT = millis(60_000);
const NO_RETRIES = { loop: 0, 'early-end': 0, 'low-probability': 0, repetition: 0 } as const;

/** An engine that makes up its words of the samples it is given: the same for the same samples, whenever and wherever. */
export function scriptedEngine(options: ScriptedOptions): ScriptedEngine {
  const { clock, concurrency, service, fault = () => undefined, hangTimeout = HANG_TIMEOUT } = options;
  const held = new Set<Held>();
  let segments = 0;
  let restarts = 0;
  let busyMs = 0;
  let isClosed = false;

  function lose(code: 'engine-crashed' | 'engine-timeout' | 'cancelled', message: string): void {
    const all = [...held];
    held.clear();
    for (const one of all) {
      one.forget?.();
      one.reject(new ScriptoriumError(code, message));
    }
  }
  function die(code: 'engine-crashed' | 'engine-timeout', message: string): void {
    restarts++;
    lose(code, message);
  }
  function release(one: Held): boolean {
    one.forget?.();
    return held.delete(one);
  }

  function begin(one: Held): void {
    const { segment } = one;
    const wrong = fault(segment);
    if (wrong === 'crash') {
      // Not within the caller's call: a process dies in its own time.
      one.forget = clock.after(millis(0), () => die('engine-crashed', 'the scripted engine died as told'));
    } else if (wrong === 'hang') {
      one.forget = clock.after(hangTimeout, () => die('engine-timeout', 'the scripted engine hung as told'));
    } else {
      const time = service(segment);
      one.forget = clock.after(time, () => {
        release(one);
        busyMs += time;
        segments++;
        if (wrong === 'refuse')
          one.reject(new ScriptoriumError('engine-failed', 'the scripted engine refused as told'));
        else one.resolve(resultOf(one));
        beginNext();
      });
    }
  }
  function beginNext(): void {
    const waiting = [...held].filter(({ forget }) => forget === undefined);
    for (const one of waiting.slice(0, concurrency - (held.size - waiting.length))) begin(one);
  }

  return {
    info: infoOf(options.name ?? 'scripted'),
    concurrency,
    transcribe(segment, decode, signal) {
      return new Promise<EngineResult>((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason);
          return;
        }
        if (isClosed) {
          reject(new ScriptoriumError('engine-failed', 'the engine is closed'));
          return;
        }
        const stop = (): void => {
          if (release(one)) reject(signal?.reason);
          beginNext();
        };
        const heedless = (): void => signal?.removeEventListener('abort', stop);
        const one: Held = {
          segment,
          options: decode,
          resolve: (result) => {
            heedless();
            resolve(result);
          },
          reject: (error) => {
            heedless();
            reject(error);
          },
          forget: undefined,
        };
        signal?.addEventListener('abort', stop, { once: true });
        held.add(one);
        beginNext();
      });
    },
    stats: (): EngineStats => ({
      segments,
      retries: NO_RETRIES,
      restarts,
      outgrown: 0,
      memoryBytes: 0,
      encodeMs: 0,
      decodeMs: busyMs,
      steps: segments,
      rows: segments,
    }),
    crash: () => die('engine-crashed', 'the scripted engine died as told'),
    [Symbol.asyncDispose]() {
      isClosed = true;
      lose('cancelled', 'the engine was closed');
      return Promise.resolve();
    },
  };
}

const resultOf = ({ segment, options }: Held): EngineResult =>
  scriptedResult(segment, options.language === 'auto' ? 'en' : options.language, options);

const infoOf = (name: string): ModelInfo => ({
  name,
  digest: '0'.repeat(64),
  multilingual: true,
  languages: LANGUAGES.map(({ code }) => code),
  mels: 80,
  vocabulary: 50_000,
  precision: 'int8',
});
