import { availableParallelism } from 'node:os';
import { ENV_PREFIX, type Config } from '../../config/index.ts';
import { ScriptoriumError, millis } from '../../core/index.ts';
import { DEFAULT_SCALING, supervise, type PoolStatus } from '../../supervisor/index.ts';
import { createTelemetry } from '../../telemetry/index.ts';
import { openBroker } from './open-broker.ts';
import { serverSettingsOf } from './server-settings.ts';
import type { ServerIo } from './start-server.ts';
import { startWorkerProcess } from './worker-process.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface SupervisorParts extends ServerIo {
  /** The command's file. */
  readonly main: string;
  readonly env: Environment;
  readonly onStatus: (status: PoolStatus) => void;
}

export interface RunningSupervisor {
  /** Drains all workers; resolves when none is left. Idempotent. */
  stop(): Promise<void>;
}

/** How often all is looked at. */
const LOOK_EVERY = millis(2000);
const SECOND_MS = 1000;
/** Where a worker finds how many threads it may compute with. */
const THREADS = `${ENV_PREFIX}THREADS`;

/**
 * Runs as many workers as processes of this machine as the queue has work for.
 *
 * @param given settings of its workers, as variables.
 * @throws ScriptoriumError `usage-invalid`, `broker-*`, `storage-*`. Nothing is left running then.
 */
export async function startSupervisor(
  config: Config,
  given: Readonly<Record<string, string>>,
  { main, env, onStatus, ...io }: SupervisorParts,
): Promise<RunningSupervisor> {
  const cores = availableParallelism();
  const max = config.max === 'auto' ? Math.max(cores, config.min) : config.max;
  if (config.min > max) {
    throw new ScriptoriumError('usage-invalid', `--min ${String(config.min)} is more than --max ${String(max)}`);
  }
  const threads = config.threads === 'auto' ? Math.max(1, Math.floor(cores / max)) : config.threads;
  const log = createTelemetry({ write: io.log, now: io.now, level: 'info', build: { version: io.version } }).log;
  const broker = await openBroker(serverSettingsOf(config, env, 'worker', false), {
    ...io,
    warn: (message) => log.warn(message),
  });
  const supervision = supervise({
    clock: io.clock,
    start: () => startWorkerProcess({ main, env: { ...env, ...given, [THREADS]: String(threads) }, log: io.log }),
    queue: () => broker.jobs.stats(),
    rules: { ...DEFAULT_SCALING, min: config.min, max, slotsPerWorker: config.workerSlots },
    drain: millis(config.drain * SECOND_MS),
    every: LOOK_EVERY,
    calm: millis(config.calm * SECOND_MS),
    cpuPerWorker: threads,
    onStatus,
    onLost: (worker, reason) => log.warn('a worker ended', { worker, reason }),
  });
  let stopped: Promise<void> | undefined;
  return {
    stop: () => (stopped ??= supervision.stop().then(async () => broker[Symbol.asyncDispose]())),
  };
}
