import type { AudioWarning } from '../audio/index.ts';
import type { Vad } from '../core/index.ts';
import type { LazyEngine, SpareChild } from '../engines/whisper/index.ts';
import type { ModelStore } from '../models/index.ts';
import { loadCatalog } from '../models/index.ts';
import type { App, AppIo } from './app.ts';
import { examine } from './doctor.ts';
import { modelsApi } from './models-api.ts';
import { openEngine } from './open-engine.ts';
import { BUILT_IN_FOLDER, VAD_MODEL } from './package-files.ts';
import type { AppSettings } from './settings.ts';
import { versions } from './versions.ts';

/**
 * Composes the product: settings in, parts wired, nothing started until it is needed.
 *
 * @param early gives the engine a process that was started before; whoever started it discards it when it was not needed.
 */
export function createApp(settings: AppSettings, io: AppIo, early?: SpareChild): App {
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

  const findEngine = async (): Promise<LazyEngine> =>
    (await openEngine(await openStore(), settings.model, settings, early?.start)).engine;

  /** One engine for all, not started; a model that was not found is looked for again by the next who asks. */
  const sharedEngine = (): Promise<LazyEngine> =>
    (engine ??= findEngine().catch((error: unknown) => {
      engine = undefined;
      throw error;
    }));

  async function start(lazy: LazyEngine): Promise<LazyEngine> {
    await lazy.start();
    running = lazy;
    return lazy;
  }

  const decoding = {
    ffmpeg: settings.ffmpeg,
    limits: settings.maxSeconds === undefined ? undefined : { maxSeconds: settings.maxSeconds },
    onWarning: ({ message }: AudioWarning) => io.warn(message),
  };
  const app: App = {
    models: modelsApi(openStore, io),
    async transcribe(input, request, hooks) {
      const starting = start(await sharedEngine());
      // Whoever transcribes hears of its failure; a recording that can't be read needs no engine.
      starting.catch(() => {});
      // The engine's process starts while these are loaded.
      const [{ loadSileroVad }, { transcribeRecording }, { decodeSettings }] = await Promise.all([
        import('../audio/index.ts'),
        import('./transcribe-recording.ts'),
        import('./decode-recording.ts'),
      ]);
      vad ??= loadSileroVad(VAD_MODEL);
      vad.catch(() => {});
      const parts = { engine: starting, vad, ...decodeSettings(decoding) };
      return transcribeRecording(input, request, parts, hooks);
    },
    async *decode(input, signal) {
      const { decodeRecording } = await import('./decode-recording.ts');
      yield* decodeRecording(input, decoding, signal);
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
