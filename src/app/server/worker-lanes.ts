import type { JobClass } from '../../core/index.ts';

const URGENT: readonly JobClass[] = ['final', 'interactive'];
const ALL: readonly JobClass[] = [...URGENT, 'batch'];
/** Files decoded at once in each lane: one is being read while the speech of another is looked for. */
const DECODERS = 2;
/** Of the engine's places. */
const PARTIAL_SHARE = 1 / 8;

/**
 * What somebody waits for always finds a free slot; the rest may take as many as keep the engine busy, and steps aside there.
 * Partials have few, so that they wait where a newer one can take their place, and hear what was said meanwhile.
 *
 * @param concurrency of the engine.
 */
export const lanesFor = (concurrency: number) => [
  { classes: URGENT, slots: concurrency, decoders: DECODERS },
  { classes: ['partial'] as const, slots: Math.max(1, Math.round(concurrency * PARTIAL_SHARE)), decoders: DECODERS },
  { classes: ALL, slots: concurrency, decoders: DECODERS },
];
