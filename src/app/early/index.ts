/**
 * app/early: what the command line starts before it knows its settings. An entry of its own, since it is there to be loaded
 * first: it brings little with it.
 */
import { forkEngine, spareChild, type SpareChild } from '../../engines/whisper/index.ts';

export type { SpareChild };

/** Starts a process for the engine, which reads its program meanwhile and then waits to be told its model. */
export const startEarly = (): SpareChild => spareChild(forkEngine);
