import { constants } from 'node:os';
import type { Clock, Engine, Telemetry } from '../../core/index.ts';
import { millis } from '../../core/index.ts';
import { engineForker } from '../../engines/whisper/index.ts';
import { scriptedEngine } from '../../engines/scripted/index.ts';
import { resolveModel, type ModelStore } from '../../models/index.ts';
import { engineManager, type EngineManager } from './engine-manager.ts';
import { openEngine } from '../open-engine.ts';
import type { ServerSettings } from './server-settings.ts';
import { startEngine } from './start-engine.ts';

/** Segments that the scripted engine works on at once, and what each takes it: work without cost. */
const SCRIPTED = { concurrency: 16, service: () => millis(5) };

/**
 * Below the gateway, which has little to do but is waited for: with every core transcribing it would have to wait for its turn, tens of
 * milliseconds, with each request. The one step below the usual that every system knows.
 */
const ENGINE_PRIORITY = constants.priority.PRIORITY_BELOW_NORMAL;
const startChild = engineForker(ENGINE_PRIORITY);
const MIB = 2 ** 20;

/** The engines of a server: each model's on demand, tried out before it is used. @param main never unloaded. */
export function serverEngines(
  settings: ServerSettings,
  store: ModelStore,
  main: string,
  pathOrName: (id: string) => string,
  { clock, telemetry }: { readonly clock: Clock; readonly telemetry: Telemetry },
): EngineManager {
  const open = (model: string): ReturnType<typeof openEngine> =>
    openEngine(store, pathOrName(model), settings, startChild, {
      bytes: settings.engineBytes,
      onOutgrown: ({ bytes, end }) =>
        telemetry.log.warn('engine process took too much memory', { model, mebibytes: Math.round(bytes / MIB), end }),
    });
  const manager = engineManager({
    clock,
    log: telemetry.log,
    pinned: main,
    idleAfter: settings.unloadAfter,
    memoryBytes: settings.modelBytes,
    async sizeOf(model) {
      if (settings.engine === 'scripted') return 0;
      return (await open(model)).bytes;
    },
    async load(model, signal): Promise<Engine> {
      if (settings.engine === 'scripted') return scriptedEngine({ ...SCRIPTED, clock, name: model });
      const { entry } = await resolveModel(store, pathOrName(model));
      const { engine } = await open(model);
      return startEngine(engine, entry !== undefined, signal);
    },
  });
  engineMetrics(manager, telemetry);
  return manager;
}

/** Shows what the engines count, by model. */
function engineMetrics(manager: EngineManager, { meter }: Telemetry): void {
  const byModel = (read: (stats: ReturnType<Engine['stats']>) => number) => () =>
    [...manager.stats()].map(([model, stats]) => ({ value: read(stats), labels: { model } }));
  const gauge = (name: string, help: string, read: (stats: ReturnType<Engine['stats']>) => number): void =>
    meter.gauge(name, help, byModel(read), ['model']);
  gauge('scriptorium_engine_segments', 'Segments transcribed since the model was loaded.', (stats) => stats.segments);
  gauge('scriptorium_engine_restarts', 'Engine processes that died and were replaced.', (stats) => stats.restarts);
  gauge('scriptorium_engine_outgrown', 'Those of them that took more memory than they may.', (stats) => stats.outgrown);
  gauge('scriptorium_engine_memory_bytes', 'What the engine processes take, resident.', (stats) => stats.memoryBytes);
  gauge('scriptorium_engine_encode_seconds', 'Time spent encoding.', (stats) => stats.encodeMs / 1000);
  gauge('scriptorium_engine_decode_seconds', 'Time spent decoding.', (stats) => stats.decodeMs / 1000);
  gauge('scriptorium_engine_batch_rows', 'Mean rows of a decode step.', ({ rows, steps }) => rows / Math.max(1, steps));
  meter.gauge(
    'scriptorium_engine_retries',
    'Segments decoded again, by what was wrong.',
    () =>
      [...manager.stats()].flatMap(([model, { retries }]) =>
        Object.entries(retries).map(([reason, value]) => ({ value, labels: { model, reason } })),
      ),
    ['model', 'reason'],
  );
}
