import { readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AudioWarning } from '../audio/index.ts';
import type { Vad } from '../core/index.ts';
import { millis } from '../core/index.ts';
import type { LazyEngine } from '../engines/whisper/index.ts';
import { createEnginePool, forkEngine } from '../engines/whisper/index.ts';
import type { ModelStore } from '../models/index.ts';
import { loadCatalog, resolveModel } from '../models/index.ts';
import type { App, AppIo } from './app.ts';
import { examine } from './doctor.ts';
import { modelsApi } from './models-api.ts';
import { nodeClock } from './node-clock.ts';
import { BUILT_IN_FOLDER, VAD_MODEL } from './package-files.ts';
import type { AppSettings } from './settings.ts';
import { versions } from './versions.ts';

/** A large model's graphs are built once, in minutes; loading them takes seconds. */
const LOAD_TIMEOUT = millis(30 * 60_000);
/** The longest single run is the largest model's encoder on one slow core. */
const HANG_TIMEOUT = millis(5 * 60_000);
/** `ffmpeg` that gives nothing for so long is stuck. */
const FFMPEG_STALL = millis(60_000);

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

/** Composes the product: settings in, parts wired, nothing started until it is needed. */
export function createApp(settings: AppSettings, io: AppIo): App {
  let store: Promise<ModelStore> | undefined;
  let engine: Promise<LazyEngine> | undefined;
  let running: LazyEngine | undefined;
  let vad: Promise<Vad> | undefined;

  const openStore = (): Promise<ModelStore> =>
    (store ??= loadCatalog(BUILT_IN_FOLDER).then((catalog) => ({
      catalog,
      builtInFolder: BUILT_IN_FOLDER,
      folder: settings.modelsFolder,
    })));

  async function openEngine(): Promise<LazyEngine> {
    const { name, path, entry } = await resolveModel(await openStore(), settings.model);
    const heads = entry?.alignmentHeads === undefined ? {} : { alignmentHeads: entry.alignmentHeads };
    const { cacheFolder, precision } = settings;
    const { children, threads } = share(settings.threads, await sizeOf(path));
    return createEnginePool({
      children,
      load: { modelPath: path, modelName: name, cacheFolder, precision, threads, ...heads },
      start: forkEngine,
      clock: nodeClock,
      loadTimeout: LOAD_TIMEOUT,
      hangTimeout: settings.engineTimeout ?? HANG_TIMEOUT,
    });
  }

  /** One engine for all, not started; a model that was not found is looked for again by the next who asks. */
  const sharedEngine = (): Promise<LazyEngine> =>
    (engine ??= openEngine().catch((error: unknown) => {
      engine = undefined;
      throw error;
    }));

  async function start(lazy: LazyEngine): Promise<LazyEngine> {
    await lazy.start();
    running = lazy;
    return lazy;
  }

  const limits = settings.maxSeconds === undefined ? {} : { limits: { maxSeconds: settings.maxSeconds } };
  const app: App = {
    models: modelsApi(openStore, io),
    async transcribe(input, request, hooks) {
      const starting = start(await sharedEngine());
      // Whoever transcribes hears of its failure; a recording that can't be read needs no engine.
      starting.catch(() => {});
      // The engine's process starts while these are loaded.
      const [{ loadSileroVad, nodeFfmpeg }, { transcribeRecording }] = await Promise.all([
        import('../audio/index.ts'),
        import('./transcribe-recording.ts'),
      ]);
      vad ??= loadSileroVad(VAD_MODEL);
      vad.catch(() => {});
      const ffmpeg =
        settings.ffmpeg === undefined
          ? {}
          : { ffmpeg: nodeFfmpeg(settings.ffmpeg, { tempFolder: tmpdir(), stallLimit: FFMPEG_STALL }) };
      const parts = { ...ffmpeg, ...limits, onWarning: ({ message }: AudioWarning) => io.warn(message) };
      return transcribeRecording(input, request, { engine: starting, vad, ...parts }, hooks);
    },
    doctor: (signal) => examine(app, settings, io, signal),
    versions: () => versions(settings),
    stats: () => running?.stats(),
    async [Symbol.asyncDispose]() {
      // What failed to start has nothing to close.
      const nothing = (): undefined => undefined;
      await (await engine?.catch(nothing))?.[Symbol.asyncDispose]();
      await (await vad?.catch(nothing))?.[Symbol.asyncDispose]();
    },
  };
  return app;
}
