import type { Broker, Clock, JobOutcome, Lease, Logger, Millis, WorkerJob } from '../core/index.ts';
import { ScriptoriumError, asScriptoriumError, keepLease, millis, type ErrorCode } from '../core/index.ts';

/** How a lease ended; see `holdLease`. */
export type LeaseEnd = 'committed' | 'failed' | 'duplicate' | 'retried' | 'returned' | 'abandoned' | 'lost';

export interface LeaseParts {
  readonly broker: {
    readonly jobs: Pick<Broker['jobs'], 'extend' | 'ack' | 'nack'>;
    readonly results: Pick<Broker['results'], 'commit'>;
  };
  readonly clock: Clock;
  readonly log: Logger;
  /** A third of the broker's lease, or less: two signs of life may be late. */
  readonly extendEvery: Millis;
  /** Aborts when what is held must be given back. */
  readonly stop: AbortSignal;
}

/** Doubled for each attempt that went before. */
const RETRY_DELAY_MS = 1000;
/** A new engine process is there at once: so is the next attempt. */
const AT_ONCE: ReadonlySet<ErrorCode> = new Set(['engine-crashed', 'engine-timeout', 'cancelled']);

/** Not the job's fault: what holds its sound can't be reached or takes nothing now. */
const OUTAGES: ReadonlySet<ErrorCode> = new Set(['storage-unreachable', 'broker-unreachable', 'broker-full']);

/** When a store is looked for again that is gone. */
const STORE_DELAY = millis(2000);

/** Thrown by work that can't be begun now, through no fault of the job: it is given back, and the attempt doesn't count. */
export class NotNow extends Error {
  override readonly name = 'NotNow';
  readonly delay: Millis;

  constructor(delay: Millis) {
    super('there is no room for this job now');
    this.delay = delay;
  }
}

/**
 * Does the work of one leased job, with signs of life to the broker, and settles the lease, whatever happens.
 *
 * ```
 * working ─┬─ done ───────────────────────────────────▶ committed, or duplicate: another had done it
 *          ├─ fails, worth a retry, attempts left ────▶ retried: given back
 *          ├─ fails otherwise ────────────────────────▶ failed: that is the outcome, and is committed
 *          ├─ has no room, or no store of sound, now ─▶ returned: given back, the attempt doesn't count
 *          ├─ the worker stops ───────────────────────▶ returned
 *          ├─ nobody wants it (cancelled, superseded) ▶ abandoned: acked without an outcome
 *          └─ the lease is lost, or the broker gone ──▶ lost: another may have the job by now, so nothing is said
 * ```
 *
 * Never throws.
 */
export async function holdLease(
  lease: Lease<WorkerJob>,
  work: (signal: AbortSignal) => Promise<JobOutcome>,
  parts: LeaseParts,
): Promise<LeaseEnd> {
  const { broker, clock, log, stop } = parts;
  const controller = new AbortController();
  let why: 'abandoned' | 'lost' | 'returned' | undefined;
  const end = (reason: 'abandoned' | 'lost' | 'returned'): void => {
    if (why !== undefined) return;
    why = reason;
    controller.abort(new ScriptoriumError('cancelled', `the job was ${reason}`));
  };
  const giveBack = (): void => end('returned');
  if (stop.aborted) giveBack();
  else stop.addEventListener('abort', giveBack, { once: true });
  const over = new AbortController();
  const living = keepLease(broker.jobs, lease, clock, parts.extendEvery, over.signal).then((how) => {
    if (how !== 'over') end(how === 'lost' ? 'lost' : 'abandoned');
    return how;
  });
  try {
    let outcome: JobOutcome;
    try {
      controller.signal.throwIfAborted();
      outcome = await work(controller.signal);
    } catch (error) {
      // The flow below decides by what ended the work first.
      if (why === 'lost') return 'lost';
      if (why === 'abandoned') return (await broker.jobs.ack(lease)) ? 'abandoned' : 'lost';
      if (why === 'returned' || error instanceof NotNow) {
        const delay = error instanceof NotNow ? { delay: error.delay } : {};
        return (await broker.jobs.nack(lease, { countAttempt: false, ...delay })) ? 'returned' : 'lost';
      }
      const failure = asScriptoriumError(error, 'engine-failed');
      if (failure.code === 'broker-closed') return 'lost';
      if (OUTAGES.has(failure.code)) {
        log.warn('the store of what is to be heard is gone, the job waits for it', {
          code: failure.code,
          reason: failure.message,
        });
        return (await broker.jobs.nack(lease, { countAttempt: false, delay: STORE_DELAY })) ? 'returned' : 'lost';
      }
      const facts = { attempt: lease.attempt, code: failure.code, reason: failure.message };
      if (failure.retryable && lease.attempt < lease.maxAttempts) {
        log.warn('job failed, will be tried again', facts);
        const delay = AT_ONCE.has(failure.code) ? 0 : RETRY_DELAY_MS * 2 ** (lease.attempt - 1);
        const isOurs = await broker.jobs.nack(lease, { delay: millis(delay), reason: failure.code });
        return isOurs ? 'retried' : 'lost';
      }
      log.error('job failed', facts);
      outcome = { type: 'failed', code: failure.code, message: failure.message };
    }
    const status = await broker.results.commit(lease, outcome);
    if (status === 'stale') return 'lost';
    if (status === 'duplicate') return 'duplicate';
    return outcome.type === 'failed' ? 'failed' : 'committed';
  } catch (error) {
    // The broker can't be told; when it is back, the lease runs out by itself.
    log.warn('lease could not be settled', { code: asScriptoriumError(error, 'storage-failed').code });
    return 'lost';
  } finally {
    over.abort();
    stop.removeEventListener('abort', giveBack);
    await living;
  }
}
