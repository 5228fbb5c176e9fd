import type {
  Clock,
  DecodeOptions,
  Engine,
  EngineResult,
  EngineStats,
  Millis,
  ModelInfo,
  Segment,
} from '../../../core/index.ts';
import { MAX_SEGMENT_SAMPLES, ScriptoriumError, heeding, millis } from '../../../core/index.ts';
import type { EngineChild, StartChild } from './child-process.ts';
import { NO_COUNTS, addCounts } from './counts.ts';
import { farewell, judgeMemory, tooLarge, type Farewell, type MemoryLimit } from './memory-limit.ts';
import type { SiblingEngine } from './lazy-engine.ts';
import type { FromChild, LoadRequest } from './messages.ts';

export interface EngineHostOptions {
  readonly load: LoadRequest;
  readonly start: StartChild;
  readonly clock: Clock;
  /** Building the graphs of a large model takes minutes. */
  readonly loadTimeout: Millis;
  /** A child with work that says nothing for so long is killed. */
  readonly hangTimeout: Millis;
  /** None unless given. */
  readonly memory?: MemoryLimit;
}

/** Segments that wait beside the batch, so that a place in it that comes free is taken at once. Each is up to 2 MB, here and in the child. */
const AT_HAND = 2;
/** A child that is told to leave while it loads ends within a step of that; one that does not is killed. */
const LEAVE_TIMEOUT = millis(2000);

interface PendingJob {
  readonly segment: Segment;
  readonly options: DecodeOptions;
  readonly onProgress: ((share: number) => void) | undefined;
  readonly resolve: (result: EngineResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Starts an engine child and resolves when its model is loaded.
 *
 * States of the host: `loading` → `ready` ⇄ `restarting` → `closed`, which `loading` may become too. A child that dies or hangs takes its jobs with it
 * (`engine-crashed`, `engine-timeout`); the next job starts a new one. A restart that fails rejects the jobs that waited for it
 * and is tried again at the next job. One that takes too much memory gets nothing new, and is replaced when its jobs are done.
 *
 * @throws ScriptoriumError what the child's loading threw; `engine-crashed`, `engine-timeout`; `engine-failed` when the model alone
 *   takes more memory than it may.
 */
export async function startEngine(options: EngineHostOptions): Promise<Engine> {
  const host = new EngineHost(options);
  await host.start();
  return host;
}

/** As `startEngine`, without starting. */
export const createEngine = (options: EngineHostOptions): SiblingEngine => new EngineHost(options);

class EngineHost implements SiblingEngine {
  readonly #options: EngineHostOptions;
  readonly #jobs = new Map<number, PendingJob>();
  #child: EngineChild | undefined;
  #isLoading = false;
  #starting: Promise<void> | undefined;
  #info: ModelInfo | undefined;
  #groups = 1;
  #closed = false;
  #nextId = 1;
  #stopWatch: (() => void) | undefined;
  #counts = NO_COUNTS;
  #earlier = NO_COUNTS;
  #restarts = -1;
  #memoryBytes = 0;
  #outgrown = 0;
  /** While a child that took too much finishes its jobs; ends when it is gone. */
  #outgrowing: Farewell | undefined;
  #hasCompany = false;

  constructor(options: EngineHostOptions) {
    this.#options = options;
  }

  get info(): ModelInfo {
    if (this.#info === undefined) throw new ScriptoriumError('engine-failed', 'the engine has not started');
    return this.#info;
  }

  /** The batch, and a few that wait at hand. */
  get concurrency(): number {
    return this.#groups + AT_HAND;
  }

  start(): Promise<void> {
    if (this.#closed) return Promise.reject(new ScriptoriumError('engine-failed', 'the engine is closed'));
    if (this.#outgrowing !== undefined) return this.#outgrowing.over.then(() => this.start());
    this.#starting ??= this.#spawn().catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    });
    return this.#starting;
  }

  keepCompany(others: boolean): void {
    if (others === this.#hasCompany) return;
    this.#hasCompany = others;
    if (!this.#isLoading) this.#child?.send({ type: 'company', others });
  }

  #spawn(): Promise<void> {
    const child = this.#options.start();
    this.#child = child;
    this.#isLoading = true;
    this.#restarts++;
    return new Promise<void>((resolve, reject) => {
      const forget = this.#options.clock.after(this.#options.loadTimeout, () => {
        const seconds = this.#options.loadTimeout / 1000;
        reject(new ScriptoriumError('engine-timeout', `the engine took more than ${seconds} s to load`));
        child.kill();
      });
      child.onExit((reason) => {
        forget();
        reject(
          this.#closed
            ? new ScriptoriumError('cancelled', 'the engine was closed')
            : new ScriptoriumError('engine-crashed', `the engine process ended while loading (${reason})`),
        );
        this.#lose(child, new ScriptoriumError('engine-crashed', `the engine process died (${reason})`));
      });
      child.onMessage((message) => {
        // What a child had said before it was given up may come late.
        if (this.#child !== child) return;
        if (message.type === 'ready') {
          forget();
          this.#isLoading = false;
          this.#info = message.info;
          this.#groups = message.groups;
          if (this.#hasCompany) child.send({ type: 'company', others: true });
          resolve();
        } else if (message.type === 'refused') {
          forget();
          reject(new ScriptoriumError(message.failure.code, message.failure.message));
          child.kill();
        } else if (message.type === 'memory') this.#weigh(child, message.bytes, reject);
        else this.#hear(message);
      });
      child.send({ type: 'load', request: this.#options.load });
    });
  }

  #hear(message: FromChild): void {
    this.#watch();
    if (message.type === 'alive') {
      for (const [id, share] of message.progress) this.#jobs.get(id)?.onProgress?.(share);
    } else if (message.type === 'result') {
      this.#counts = message.counts;
      this.#take(message.id)?.resolve(message.result);
    } else if (message.type === 'failed') {
      this.#take(message.id)?.reject(new ScriptoriumError(message.failure.code, message.failure.message));
    }
  }

  #take(id: number): PendingJob | undefined {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    if (this.#jobs.size > 0) return job;
    this.#rest();
    if (this.#outgrowing !== undefined && this.#child !== undefined)
      this.#replace(this.#child, new ScriptoriumError('engine-crashed', 'too large'));
    return job;
  }

  #weigh(child: EngineChild, bytes: number, refuse: (error: ScriptoriumError) => void): void {
    this.#memoryBytes = bytes;
    const { memory, load } = this.#options;
    const end = judgeMemory(bytes, memory);
    if (memory === undefined || end === 'fine') return;
    const error = tooLarge(bytes, memory, load.modelName, this.#isLoading);
    if (this.#isLoading) {
      refuse(error);
      child.kill();
      return;
    }
    if (this.#outgrowing === undefined || end === 'killed') memory.onOutgrown({ bytes, end });
    if (this.#outgrowing === undefined) this.#outgrown++;
    this.#outgrowing ??= farewell();
    if (end === 'killed' || this.#jobs.size === 0) this.#replace(child, error);
  }

  /** Ends the child, and its jobs if it has any left; another will be there for the next. */
  #replace(child: EngineChild, error: ScriptoriumError): void {
    this.#lose(child, error);
    child.kill();
    // Whoever needs it hears of its failure.
    this.start().catch(() => undefined);
  }

  /** Starts the wait for the next sign of life anew. */
  #watch(): void {
    this.#rest();
    const child = this.#child;
    if (this.#jobs.size === 0 || child === undefined) return;
    this.#stopWatch = this.#options.clock.after(this.#options.hangTimeout, () => {
      const seconds = this.#options.hangTimeout / 1000;
      this.#lose(
        child,
        new ScriptoriumError('engine-timeout', `the engine said nothing for ${seconds} s and was stopped`),
      );
      child.kill();
    });
  }

  #rest(): void {
    this.#stopWatch?.();
    this.#stopWatch = undefined;
  }

  /** The child is gone: so are its jobs. */
  #lose(child: EngineChild, error: ScriptoriumError): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#starting = undefined;
    this.#rest();
    this.#earlier = addCounts(this.#earlier, this.#counts);
    this.#counts = NO_COUNTS;
    this.#memoryBytes = 0;
    this.#outgrowing?.end();
    this.#outgrowing = undefined;
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const job of jobs) job.reject(error);
  }

  async transcribe(
    segment: Segment,
    options: DecodeOptions,
    signal?: AbortSignal,
    onProgress?: (share: number) => void,
  ): Promise<EngineResult> {
    signal?.throwIfAborted();
    if (this.#closed) throw new ScriptoriumError('engine-failed', 'the engine is closed');
    if (segment.pcm.length === 0 || segment.pcm.length > MAX_SEGMENT_SAMPLES) {
      throw new ScriptoriumError(
        'engine-failed',
        `a segment has 1 to ${MAX_SEGMENT_SAMPLES} samples, not ${segment.pcm.length}`,
      );
    }
    await heeding(signal, this.start());
    signal?.throwIfAborted();
    const child = this.#child;
    if (child === undefined) {
      // It went between its start and here.
      throw this.#closed
        ? new ScriptoriumError('cancelled', 'the engine was closed')
        : new ScriptoriumError('engine-crashed', 'the engine process died');
    }
    const id = this.#nextId++;
    let stop: (() => void) | undefined;
    try {
      return await new Promise<EngineResult>((resolve, reject) => {
        stop = () => {
          this.#take(id);
          this.#child?.send({ type: 'cancel', id });
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', stop, { once: true });
        this.#jobs.set(id, { segment, options, onProgress, resolve, reject });
        if (this.#jobs.size === 1) this.#watch();
        child.send({ type: 'transcribe', id, segment, options });
      });
    } finally {
      if (stop !== undefined) signal?.removeEventListener('abort', stop);
    }
  }

  stats(): EngineStats {
    return {
      ...addCounts(this.#earlier, this.#counts),
      restarts: Math.max(0, this.#restarts),
      outgrown: this.#outgrown,
      memoryBytes: this.#memoryBytes,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise<void>((resolve) => child.onExit(() => resolve()));
    this.#lose(child, new ScriptoriumError('cancelled', 'the engine was closed'));
    if (!this.#isLoading) child.kill();
    else child.leave();
    const forget = this.#options.clock.after(LEAVE_TIMEOUT, () => child.kill());
    await gone;
    forget();
  }
}
