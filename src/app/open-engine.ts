import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { millis } from '../core/index.ts';
import type { LazyEngine, MemoryLimit, StartChild } from '../engines/whisper/index.ts';
import { createEnginePool, forkEngine } from '../engines/whisper/index.ts';
import type { ModelStore } from '../models/index.ts';
import { resolveModel } from '../models/index.ts';
import { nodeClock } from './node-clock.ts';
import type { AppSettings } from './settings.ts';

/** A large model's graphs are built once, in minutes; loading them takes seconds. */
const LOAD_TIMEOUT = millis(30 * 60_000);
/** The longest single run is the largest model's encoder on one slow core. */
const HANG_TIMEOUT = millis(5 * 60_000);

/** A model file larger than this is loaded once, with all threads; a smaller one once a thread. */
const SHARED_MODEL_BYTES = 300e6;

/**
 * As many children as threads, and every child all threads: a lone segment is computed by all cores, and many segments by
 * children that wait for nobody. Waiting threads sleep, so that the surplus costs little. Only a model too large to be loaded
 * twice has a single child.
 */
function share(threads: number, bytes: number): { readonly children: number; readonly threads: number } {
  return bytes > SHARED_MODEL_BYTES ? { children: 1, threads } : { children: threads, threads };
}

/** Of a model's file, or of the files in its folder. */
async function sizeOf(path: string): Promise<number> {
  const facts = await stat(path);
  if (!facts.isDirectory()) return facts.size;
  const sizes = (await readdir(path)).map(async (name) => (await stat(join(path, name))).size);
  return (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
}

export interface OpenedEngine {
  /** Not started yet. */
  readonly engine: LazyEngine;
  /** Of the model's files, for each child that has it loaded. */
  readonly bytes: number;
}

/**
 * The engine of a model, by name or path.
 *
 * @param start starts its processes. @param memory what each may take; as much as it likes unless given.
 * @throws ScriptoriumError `model-missing`.
 */
export async function openEngine(
  store: ModelStore,
  model: string,
  settings: Pick<AppSettings, 'cacheFolder' | 'precision' | 'threads' | 'engineTimeout'>,
  start: StartChild = forkEngine,
  memory?: MemoryLimit,
): Promise<OpenedEngine> {
  const { name, path, entry } = await resolveModel(store, model);
  const heads = entry?.alignmentHeads === undefined ? {} : { alignmentHeads: entry.alignmentHeads };
  const { cacheFolder, precision } = settings;
  const size = await sizeOf(path);
  const { children, threads } = share(settings.threads, size);
  const engine = createEnginePool({
    children,
    load: { modelPath: path, modelName: name, cacheFolder, precision, threads, ...heads },
    start,
    clock: nodeClock,
    loadTimeout: LOAD_TIMEOUT,
    hangTimeout: settings.engineTimeout ?? HANG_TIMEOUT,
    ...(memory === undefined ? {} : { memory }),
  });
  return { engine, bytes: size * children };
}
