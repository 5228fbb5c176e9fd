import type { DecodeOptions, Engine, EngineResult, EngineStats, ModelInfo, Segment } from '../../../core/index.ts';
import { addCounts } from './counts.ts';
import type { EngineHostOptions } from './engine-host.ts';
import { createEngine } from './engine-host.ts';
import type { LazyEngine, SiblingEngine } from './lazy-engine.ts';

export interface EnginePoolOptions extends EngineHostOptions {
  /** Children at most: one a core. */
  readonly children: number;
}

/** Segments that the busiest child holds before another is started: loading one costs as much as a few segments. */
const WORTH_A_CHILD = 3;

interface Member {
  readonly engine: SiblingEngine;
  /** Whether it was ever given work or told to start. */
  begun: boolean;
  held: number;
}

/**
 * Several engine children as one engine: each has a batch of its own, so that none waits for another. `start` starts the first,
 * and the others are started when there is work for them. It may be closed while it starts.
 */
export const createEnginePool = ({ children, ...options }: EnginePoolOptions): LazyEngine =>
  new EnginePool(Array.from({ length: Math.max(1, children) }, () => createEngine(options)));

/** The same, started. @throws ScriptoriumError as `startEngine` does, for the first child. */
export async function startEnginePool(options: EnginePoolOptions): Promise<Engine> {
  const pool = createEnginePool(options);
  await pool.start();
  return pool;
}

class EnginePool implements LazyEngine {
  readonly #members: readonly Member[];

  constructor(engines: readonly SiblingEngine[]) {
    this.#members = engines.map((engine, index) => ({ engine, begun: index === 0, held: 0 }));
  }

  start(): Promise<void> {
    return this.#first.start();
  }

  get #first(): LazyEngine {
    const [first] = this.#members;
    if (first === undefined) throw new RangeError('a pool has at least one engine');
    return first.engine;
  }

  get info(): ModelInfo {
    return this.#first.info;
  }

  get concurrency(): number {
    return this.#first.concurrency * this.#members.length;
  }

  /** The one that holds least; one that was never begun only once the others have enough. */
  #choose(): Member | undefined {
    const begun = this.#members.filter((member) => member.begun);
    const least = begun.reduce<Member | undefined>((a, b) => (a === undefined || b.held < a.held ? b : a), undefined);
    const fresh = this.#members.find((member) => !member.begun);
    return fresh !== undefined && (least === undefined || least.held >= WORTH_A_CHILD) ? fresh : least;
  }

  async transcribe(
    segment: Segment,
    options: DecodeOptions,
    signal?: AbortSignal,
    onProgress?: (share: number) => void,
  ): Promise<EngineResult> {
    const member = this.#choose();
    if (member === undefined) return this.#first.transcribe(segment, options, signal, onProgress);
    member.begun = true;
    member.held++;
    this.#tellCompany();
    try {
      return await member.engine.transcribe(segment, options, signal, onProgress);
    } finally {
      member.held--;
      this.#tellCompany();
    }
  }

  #tellCompany(): void {
    const busy = this.#members.filter(({ held }) => held > 0);
    for (const member of this.#members) member.engine.keepCompany(busy.some((other) => other !== member));
  }

  stats(): EngineStats {
    const all = this.#members.map(({ engine }) => engine.stats());
    return all.reduce((a, b) => ({
      ...addCounts(a, b),
      restarts: a.restarts + b.restarts,
      outgrown: a.outgrown + b.outgrown,
      memoryBytes: a.memoryBytes + b.memoryBytes,
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#members.map(({ engine }) => engine[Symbol.asyncDispose]()));
  }
}
