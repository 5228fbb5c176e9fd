/** An engine's host with made children: what a test of its life needs. */
import { expect } from 'vitest';
import type { Clock, Engine } from '../../../core/index.ts';
import { millis } from '../../../core/index.ts';
import { MADE_INFO } from '../../../core/testing/made-decoding.ts';
import { createEngine, startEngine, type EngineHostOptions } from '../child/engine-host.ts';
import type { SiblingEngine } from '../child/lazy-engine.ts';
import type { MemoryLimit } from '../child/memory-limit.ts';
import { madeChild, stillClock, type MadeChild } from './made-child.ts';

export const LOAD_TIMEOUT = 5000;
export const HANG_TIMEOUT = 1000;

export interface Workshop {
  readonly clock: Clock & { advance(by: number): void };
  readonly children: readonly MadeChild[];
  /** The child that was started last. */
  readonly last: () => MadeChild;
  readonly start: () => Promise<Engine>;
  readonly create: () => SiblingEngine;
}

const readyAtOnce = (child: MadeChild): void => child.say({ type: 'ready', info: MADE_INFO, groups: 4 });

/** Children that are ready at once, unless told otherwise; the last of them at hand. */
export function workshop(onStart: (child: MadeChild) => void = readyAtOnce, memory?: MemoryLimit): Workshop {
  const clock = stillClock();
  const children: MadeChild[] = [];
  const options: EngineHostOptions = {
    load: { modelPath: 'made', modelName: 'made', cacheFolder: 'none', precision: 'int8', threads: 1 },
    start: () => {
      const child = madeChild();
      children.push(child);
      queueMicrotask(() => onStart(child));
      return child;
    },
    clock,
    loadTimeout: millis(LOAD_TIMEOUT),
    hangTimeout: millis(HANG_TIMEOUT),
    ...(memory === undefined ? {} : { memory }),
  };
  const last = (): MadeChild => children.at(-1) ?? madeChild();
  return { clock, children, last, start: () => startEngine(options), create: () => createEngine(options) };
}

/** What a promise failed with. */
export const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );

export const coded = (code: string): unknown => expect.objectContaining({ code });
