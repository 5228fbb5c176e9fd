import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { startAggregator, startWebhooks } from '../../aggregator/index.ts';
import { loadSileroVad } from '../../audio/index.ts';
import { freeBytesOf, loggedWork, spaceCheck, type FreeBytes } from '../../brokers/index.ts';
import type { Clock, Millis, Vad } from '../../core/index.ts';
import { ScriptoriumError, millis } from '../../core/index.ts';
import { startGateway, watchBroker, type Check, type GatewayParts } from '../../gateway/index.ts';
import { loadCatalog } from '../../models/index.ts';
import { createTelemetry } from '../../telemetry/index.ts';
import { httpPost } from './http-post.ts';
import { BROWSER_CLIENT, BUILT_IN_FOLDER, LIVE_PAGE, SAMPLE_RECORDING, VAD_MODEL } from '../package-files.ts';
import { gatewaySettings, webhookBody } from './gateway-settings.ts';
import { startHealthServer } from './health-server.ts';
import { openBroker } from './open-broker.ts';
import { readKeys, readTls, readWebhookSecrets } from './secrets.ts';
import { servedModels } from './served-models.ts';
import { serverEngines } from './server-engines.ts';
import type { ServerRole, ServerSettings } from './server-settings.ts';
import { startWork, type Work } from './start-work.ts';
import { watchSpace } from './watch-space.ts';

/** What a server may touch of the world beside the files, folders and addresses that its settings name. */
export interface ServerIo {
  readonly clock: Clock;
  /** The date on the wall. */
  readonly now: () => Date;
  /** Takes one line of the log. */
  readonly log: (line: string) => void;
  readonly version: string;
  /** What a disk has left; the machine's unless told. */
  readonly freeBytes?: FreeBytes;
}

/** A server that listens. */
export interface RunningServer {
  /** Without a slash at its end. */
  readonly url: string;
  readonly role: ServerRole;
  /** Of requests that name none. */
  readonly model: string;
  readonly needsKey: boolean;
  /** Resolves when all that it does can be done. @throws ScriptoriumError as loading the model does. */
  readonly ready: Promise<void>;
  /** A recording to try it with. */
  readonly sample: string;
  /**
   * Takes nothing new; what is under way has so long to end. What is left then is on the disk, and goes on at the next start.
   * Idempotent.
   */
  stop(drain: Millis): Promise<void>;
}

/** How often a worker says that it is alive: with it it hears of a cancelled job. */
const EXTEND_EVERY = millis(1500);
/** Of the names that processes have among those of their broker. */
const NAME_BYTES = 4;

/**
 * Composes a server: gateway, worker and aggregator in one process, or one of them. It listens when this resolves, and is ready when
 * its engine has answered; until then requests wait.
 *
 * @throws ScriptoriumError `usage-invalid`, `keys-missing`, `model-missing`, `storage-*`, `broker-*`, `address-unusable`. Nothing is
 *   left running then.
 */
export async function startServer(settings: ServerSettings, io: ServerIo): Promise<RunningServer> {
  const { clock, version } = io;
  const { role } = settings;
  const does = (part: ServerRole): boolean => role === 'all' || role === part;
  const [keys, tls] = await Promise.all([readKeys(settings), readTls(settings)]);
  const catalog = await loadCatalog(BUILT_IN_FOLDER);
  const store = { catalog, builtInFolder: BUILT_IN_FOLDER, folder: settings.modelsFolder };
  const models = await servedModels(store, settings.model);
  const telemetry = createTelemetry({ write: io.log, now: io.now, level: settings.logLevel, build: { version } });
  const shared = { clock, telemetry };
  const own = randomBytes(NAME_BYTES).toString('hex');

  /** What is open, in order; closed backwards. */
  const open: Close[] = [];
  let stopped: Promise<void> | undefined;
  const stop = (drain: Millis): Promise<void> => (stopped ??= closeAll(open, clock, drain));

  try {
    const opened = await openBroker(settings, { ...io, warn: (message) => telemetry.log.warn(message) });
    const broker = loggedWork(opened, telemetry.log);
    open.push(async () => broker[Symbol.asyncDispose]());
    const space =
      settings.broker === undefined
        ? watchSpace(spaceCheck(settings.dataFolder, io.freeBytes ?? freeBytesOf, clock), clock, telemetry.log)
        : undefined;
    open.push(async () => space?.stop());

    telemetry.meter.gauge('scriptorium_degraded', 'Whether what work is kept in does not answer.', () => [
      { value: broker.failure() === undefined ? 0 : 1 },
    ]);
    if (does('aggregator')) {
      const secrets = await readWebhookSecrets(settings);
      const aggregator = startAggregator({ ...shared, broker, name: `aggregator-${own}` });
      open.push(() => aggregator.stop());
      const webhooks = startWebhooks({
        ...shared,
        broker,
        post: httpPost(lookup, settings.allowPrivateUrls),
        secrets,
        bodyOf: webhookBody,
        random: Math.random,
        name: `webhooks-${own}`,
        extendEvery: EXTEND_EVERY,
      });
      open.push((deadline) => webhooks.stop(deadline));
    }

    let loadedVad: Promise<Vad> | undefined;
    const vad = (): Promise<Vad> => (loadedVad ??= loadSileroVad(VAD_MODEL));
    open.push(async () => (await loadedVad)?.[Symbol.asyncDispose]());

    let work: Work | undefined;
    if (does('worker')) {
      const engines = serverEngines(settings, store, models.default, models.pathOrName, shared);
      open.push(async () => engines[Symbol.asyncDispose]());
      const named = { name: `worker-${own}`, extendEvery: EXTEND_EVERY };
      const running = startWork({ ...shared, broker, engines, model: models.default, vad, ...named }, settings);
      work = running;
      open.push((deadline) => running.stop(deadline));
    }

    const checks = (): readonly Check[] => [
      ...(work === undefined ? [] : [work.check()]),
      storageCheck(broker.failure() ?? space?.failure(), settings.broker === undefined ? 'storage' : 'broker'),
    ];
    const metrics = (): Promise<string> => telemetry.metrics();
    const facts = { role, model: models.default, sample: SAMPLE_RECORDING, stop };
    const ready = work?.ready ?? Promise.resolve();
    const unusable = (error: unknown): never => {
      throw listenFailure(error, settings);
    };
    if (!does('gateway')) {
      const stopWatching = watchBroker({ ...shared, broker }, () => {});
      open.push(async () => stopWatching());
      const health = await startHealthServer(settings, { checks, metrics }).catch(unusable);
      open.push(() => health.close());
      return { ...facts, url: health.url, needsKey: false, ready };
    }
    const parts: GatewayParts = {
      broker,
      models,
      telemetry,
      metrics,
      checks,
      status: () => work?.status() ?? {},
      version,
      clock,
      random: randomBytes,
      keys,
      decode: settings.decode,
      vad,
      pages: { live: () => readFile(LIVE_PAGE, 'utf8'), client: () => readFile(BROWSER_CLIENT, 'utf8') },
      lookup,
      settings: gatewaySettings(settings, tls),
      isShared: settings.broker !== undefined,
    };
    const gateway = await startGateway(parts).catch(unusable);
    open.push((deadline, drain) => gateway.close(deadline, drain));
    return { ...facts, url: gateway.url, needsKey: keys.size > 0, ready };
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

/**
 * A store that could not write once takes nothing more until it is opened again, and one without room until there is some; a broker
 * is looked for until it is back.
 */
const storageCheck = (failure: Error | undefined, name: string): Check =>
  failure === undefined ? { name, ok: true } : { name, ok: false, note: failure.message };

/** Something that was opened; it may go on with what it has under way until `deadline` aborts, `drain` after all began to close. */
type Close = (deadline: AbortSignal, drain: Millis) => Promise<void>;

/** Closes what was opened, last first, all of it even when one fails. @throws AggregateError of what failed. */
async function closeAll(open: readonly Close[], clock: Clock, drain: Millis): Promise<void> {
  const deadline = new AbortController();
  const forget = clock.after(drain, () => deadline.abort());
  if (drain <= 0) deadline.abort();
  const failures: unknown[] = [];
  for (const close of [...open].reverse()) {
    await close(deadline.signal, drain).catch((error: unknown) => failures.push(error));
  }
  forget();
  if (failures.length > 0) throw new AggregateError(failures, 'the server did not stop cleanly');
}
