import { tmpdir } from 'node:os';
import { nodeFfmpeg } from '../../audio/index.ts';
import type { Broker, Clock, Millis, Telemetry, Vad } from '../../core/index.ts';
import { ScriptoriumError, asScriptoriumError, millis } from '../../core/index.ts';
import type { Check, Json } from '../../gateway/index.ts';
import { startWorker } from '../../worker/index.ts';
import { statusOf } from './gateway-settings.ts';
import type { EngineManager } from './engine-manager.ts';
import type { ServerSettings } from './server-settings.ts';
import { lanesFor } from './worker-lanes.ts';

/** A worker that starts, or runs. */
export interface Work {
  /** Resolves when a known recording gave the expected words. @throws ScriptoriumError as loading the model does. */
  readonly ready: Promise<void>;
  check(): Check;
  status(): { readonly [name: string]: Json };
  /** Takes nothing new; what it has may end until `deadline` aborts, and is given back then. */
  stop(deadline: AbortSignal): Promise<void>;
}

/** `ffmpeg` that gives nothing for so long is stuck. */
const FFMPEG_STALL = millis(60_000);

interface WorkParts {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly engines: EngineManager;
  /** The model that is tried out before anything is taken. */
  readonly model: string;
  readonly vad: () => Promise<Vad>;
  /** Who leases: of its own among all workers of a broker. */
  readonly name: string;
  readonly extendEvery: Millis;
}

/** Loads the model, then takes jobs. */
export function startWork(
  { engines, model, vad, name, extendEvery, ...shared }: WorkParts,
  { ffmpeg, maxSeconds }: Pick<ServerSettings, 'ffmpeg' | 'maxSeconds'>,
): Work {
  let failure: string | undefined;
  let worker: ReturnType<typeof startWorker> | undefined;
  const starting = new AbortController();

  async function begin(): Promise<void> {
    const [use] = await Promise.all([engines.use(model, starting.signal), vad()]);
    use.release();
    starting.signal.throwIfAborted();
    const program =
      ffmpeg === undefined ? {} : { ffmpeg: nodeFfmpeg(ffmpeg, { tempFolder: tmpdir(), stallLimit: FFMPEG_STALL }) };
    const limits = maxSeconds === undefined ? {} : { limits: { maxSeconds } };
    worker = startWorker(
      { ...shared, engines, vad, ...program, ...limits },
      { name, lanes: lanesFor(use.engine.concurrency), extendEvery },
    );
  }

  const ready = begin().catch((error: unknown) => {
    const { code, message } = asScriptoriumError(error, 'engine-failed');
    failure = message;
    if (!starting.signal.aborted) {
      shared.telemetry.log.error('the engine could not be started', { code, reason: message });
    }
    throw error;
  });
  // Whoever waits for it hears of it; so does readiness.
  ready.catch(() => undefined);
  return {
    ready,
    check: () =>
      worker === undefined
        ? { name: 'engine', ok: false, note: failure ?? `loading ${model}` }
        : { name: 'engine', ok: true },
    status: () => ({ models: statusOf(engines.stats()), work: { ...worker?.held() } }),
    async stop(deadline) {
      starting.abort(new ScriptoriumError('cancelled', 'the server stops'));
      await ready.catch(() => undefined);
      await worker?.stop(deadline);
    },
  };
}
