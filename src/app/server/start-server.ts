import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { startAggregator, startWebhooks } from '../../aggregator/index.ts';
import { loadSileroVad, nodeFfmpeg } from '../../audio/index.ts';
import { openLocalBroker } from '../../brokers/index.ts';
import type { Clock, Millis, Vad } from '../../core/index.ts';
import { ScriptoriumError, asScriptoriumError, millis } from '../../core/index.ts';
import {
  DEFAULT_GATEWAY_SETTINGS,
  endOrphans,
  startGateway,
  type Check,
  type GatewayParts,
} from '../../gateway/index.ts';
import { loadCatalog } from '../../models/index.ts';
import { createTelemetry } from '../../telemetry/index.ts';
import { startWorker } from '../../worker/index.ts';
import { httpPost } from './http-post.ts';
import { BROWSER_CLIENT, BUILT_IN_FOLDER, LIVE_PAGE, SAMPLE_RECORDING, VAD_MODEL } from '../package-files.ts';
import { servedModels } from './served-models.ts';
import { serverEngines } from './server-engines.ts';
import { gatewaySettings, statusOf, webhookBody } from './gateway-settings.ts';
import { readKeys, readTls, readWebhookSecrets } from './secrets.ts';
import type { ServerSettings } from './server-settings.ts';
import { lanesFor } from './worker-lanes.ts';

/** What a server may touch of the world beside the files, folders and addresses that its settings name. */
export interface ServerIo {
  readonly clock: Clock;
  /** The date on the wall. */
  readonly now: () => Date;
  /** Takes one line of the log. */
  readonly log: (line: string) => void;
  readonly version: string;
}

/** A server that listens. */
export interface RunningServer {
  /** Without a slash at its end. */
  readonly url: string;
  /** Of requests that name none. */
  readonly model: string;
  readonly needsKey: boolean;
  /** Resolves when a known recording gave the expected words. @throws ScriptoriumError as loading the model does. */
  readonly ready: Promise<void>;
  /** A recording to try it with. */
  readonly sample: string;
  /**
   * Takes nothing new; what is under way has so long to end. What is left then is on the disk, and goes on at the next start.
   * Idempotent.
   */
  stop(drain: Millis): Promise<void>;
}

/** `ffmpeg` that gives nothing for so long is stuck. */
const FFMPEG_STALL = millis(60_000);
/** How long a lease lasts without a sign of life, and how often there is one: with it a worker hears of a cancelled job. */
const LEASE = millis(15_000);
const EXTEND_EVERY = millis(1500);

/** Jobs of live speech that may wait. */
const LIVE_DEPTH = 1000;

/**
 * Composes a whole server in one process: gateway, worker and aggregator over the local broker. It listens when this resolves,
 * and is ready when its engine has answered; until then requests wait.
 *
 * @throws ScriptoriumError `usage-invalid`, `keys-missing`, `model-missing`, `storage-*`, `address-unusable`. Nothing is
 *   left running then.
 */
export async function startServer(settings: ServerSettings, io: ServerIo): Promise<RunningServer> {
  const { clock, version } = io;
  const [keys, tls] = await Promise.all([readKeys(settings), readTls(settings)]);
  const catalog = await loadCatalog(BUILT_IN_FOLDER);
  const store = { catalog, builtInFolder: BUILT_IN_FOLDER, folder: settings.modelsFolder };
  const models = await servedModels(store, settings.model);
  const telemetry = createTelemetry({ write: io.log, now: io.now, level: settings.logLevel, build: { version } });
  const shared = { clock, telemetry };

  /** What is open, in order; closed backwards. */
  const open: Close[] = [];
  let stopped: Promise<void> | undefined;
  const stop = (drain: Millis): Promise<void> => (stopped ??= closeAll(open, clock, drain));

  try {
    const broker = await openLocalBroker({
      folder: settings.dataFolder,
      clock,
      startedAt: millis(io.now().getTime()),
      bounds: {
        lease: LEASE,
        depth: { final: LIVE_DEPTH, partial: LIVE_DEPTH, interactive: settings.queueDepth, batch: settings.queueDepth },
      },
    });
    open.push(async () => broker[Symbol.asyncDispose]());
    await endOrphans(broker, DEFAULT_GATEWAY_SETTINGS.live.kept);
    const secrets = await readWebhookSecrets(settings);
    const engines = serverEngines(settings, store, models.default, models.pathOrName, shared);
    open.push(async () => engines[Symbol.asyncDispose]());

    const aggregator = startAggregator({ ...shared, broker, name: 'aggregator' });
    open.push(() => aggregator.stop());
    const webhooks = startWebhooks({
      ...shared,
      broker,
      post: httpPost(lookup, settings.allowPrivateUrls),
      secrets,
      bodyOf: webhookBody,
      random: Math.random,
      name: 'webhooks',
      extendEvery: EXTEND_EVERY,
    });
    open.push((deadline) => webhooks.stop(deadline));

    let loadedVad: Promise<Vad> | undefined;
    const vad = (): Promise<Vad> => (loadedVad ??= loadSileroVad(VAD_MODEL));
    open.push(async () => (await loadedVad)?.[Symbol.asyncDispose]());

    let failure: string | undefined;
    let worker: ReturnType<typeof startWorker> | undefined;
    const starting = new AbortController();
    const startWork = async (): Promise<void> => {
      const [use] = await Promise.all([engines.use(models.default, starting.signal), vad()]);
      use.release();
      const ffmpeg =
        settings.ffmpeg === undefined
          ? {}
          : { ffmpeg: nodeFfmpeg(settings.ffmpeg, { tempFolder: tmpdir(), stallLimit: FFMPEG_STALL }) };
      const limits = settings.maxSeconds === undefined ? {} : { limits: { maxSeconds: settings.maxSeconds } };
      starting.signal.throwIfAborted();
      worker = startWorker(
        { ...shared, broker, engines, vad, ...ffmpeg, ...limits },
        { name: 'worker', lanes: lanesFor(use.engine.concurrency), extendEvery: EXTEND_EVERY },
      );
    };
    const ready = startWork().catch((error: unknown) => {
      const { code, message } = asScriptoriumError(error, 'engine-failed');
      failure = message;
      if (!starting.signal.aborted) telemetry.log.error('the engine could not be started', { code, reason: message });
      throw error;
    });
    // Whoever waits for it hears of it; so does readiness.
    ready.catch(() => undefined);
    open.push(async (deadline) => {
      starting.abort(new ScriptoriumError('cancelled', 'the server stops'));
      await ready.catch(() => undefined);
      await worker?.stop(deadline);
    });

    const checks = (): readonly Check[] => [
      worker === undefined
        ? { name: 'engine', ok: false, note: failure ?? `loading ${models.default}` }
        : { name: 'engine', ok: true },
      storageCheck(broker.failure()),
    ];
    const parts: GatewayParts = {
      broker,
      models,
      telemetry,
      metrics: () => telemetry.metrics(),
      checks,
      status: () => ({ models: statusOf(engines.stats()), work: { ...worker?.held() } }),
      version,
      clock,
      random: randomBytes,
      keys,
      decode: settings.decode,
      vad,
      pages: { live: () => readFile(LIVE_PAGE, 'utf8'), client: () => readFile(BROWSER_CLIENT, 'utf8') },
      lookup,
      settings: gatewaySettings(settings, tls),
    };
    const gateway = await startGateway(parts).catch((error: unknown) => {
      throw listenFailure(error, settings);
    });
    open.push((deadline) => gateway.close(deadline));
    return { url: gateway.url, model: models.default, needsKey: keys.size > 0, sample: SAMPLE_RECORDING, ready, stop };
  } catch (error) {
    await stop(millis(0));
    throw error;
  }
}

/** Why an address can't be listened on, by what the system calls it (errno(3)). */
const LISTEN_FAILURES: ReadonlyMap<unknown, string> = new Map([
  ['EADDRINUSE', 'something listens there already'],
  ['EADDRNOTAVAIL', 'this machine has no such address'],
  ['EACCES', 'this user may not listen there'],
  ['ENOTFOUND', 'nobody knows this name'],
]);

function listenFailure(error: unknown, { host, port }: ServerSettings): unknown {
  const why = error instanceof Error && 'code' in error ? LISTEN_FAILURES.get(error.code) : undefined;
  if (why === undefined) return error;
  return new ScriptoriumError('address-unusable', `${host}, port ${port}: ${why}`, { cause: error });
}

/** A store that could not write once takes nothing more until it is opened again. */
const storageCheck = (failure: Error | undefined): Check =>
  failure === undefined ? { name: 'storage', ok: true } : { name: 'storage', ok: false, note: failure.message };

/** Something that was opened; it may go on with what it has under way until `deadline` aborts. */
type Close = (deadline: AbortSignal) => Promise<void>;

/** Closes what was opened, last first, all of it even when one fails. @throws AggregateError of what failed. */
async function closeAll(open: readonly Close[], clock: Clock, drain: Millis): Promise<void> {
  const deadline = new AbortController();
  const forget = clock.after(drain, () => deadline.abort());
  if (drain <= 0) deadline.abort();
  const failures: unknown[] = [];
  for (const close of [...open].reverse()) {
    await close(deadline.signal).catch((error: unknown) => failures.push(error));
  }
  forget();
  if (failures.length > 0) throw new AggregateError(failures, 'the server did not stop cleanly');
}
