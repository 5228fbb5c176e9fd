/**
 * engines/whisper: turns segments into text with a Whisper model, on graphs that are built here from the model's own file.
 * `model/` and `tokenizer/` read it, `graph/` builds, `features/` hears, `decode/` is the batch and its rules,
 * `child/` runs all that in a process of its own behind the Engine port.
 */
export { engineForker, forkEngine, type StartChild } from './child/child-process.ts';
export type { LazyEngine } from './child/lazy-engine.ts';
export type { MemoryLimit } from './child/memory-limit.ts';
export { createEnginePool, startEnginePool } from './child/engine-pool.ts';
export { spareChild, type SpareChild } from './child/spare-child.ts';
export { openWhisperModel } from './model/open-model.ts';
