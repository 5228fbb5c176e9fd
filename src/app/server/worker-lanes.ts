import type { JobClass } from '../../core/index.ts';

const URGENT: readonly JobClass[] = ['final', 'partial', 'interactive'];
const ALL: readonly JobClass[] = [...URGENT, 'batch'];
/** Files decoded at once in each lane: one is being read while the speech of another is looked for. */
const DECODERS = 2;

/**
 * What somebody waits for always finds a free slot; the rest may take as many as keep the engine busy, and steps aside there.
 *
 * @param concurrency of the engine.
 */
export const lanesFor = (concurrency: number) => [
  { classes: URGENT, slots: concurrency, decoders: DECODERS },
  { classes: ALL, slots: concurrency, decoders: DECODERS },
];
