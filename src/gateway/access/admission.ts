import { ScriptoriumError, type Broker, type ClassStats, type ErrorCode, type JobClass } from '../../core/index.ts';
import type { Caller } from './key-ring.ts';
import type { Admission, Limiter } from './limiter.ts';

/**
 * So much of a class is for uploads; the rest is kept for the segments of those that were accepted, or a queue full of
 * recordings could never empty itself.
 */
const UPLOAD_SHARE = 0.8;

/** How many more recordings a class takes. */
export const roomIn = ({ depth, limit }: Pick<ClassStats, 'depth' | 'limit'>): number =>
  Math.floor(limit * UPLOAD_SHARE) - depth;

/** Seconds after which a full server may have room. */
const RETRY_BUSY = 5;

/** One upload that was let in. */
export interface Entry extends Admission {
  /** It has arrived, or never will. Once counts. */
  uploaded(): void;
}

export interface Door {
  /**
   * Lets one upload in, before any of it is read.
   *
   * @throws ScriptoriumError `rate-limited`, `queue-full`, `server-busy`, with `retryAfter` seconds in the details.
   */
  enter(caller: Caller, jobClass: JobClass): Entry;
  /** No more are let in. */
  close(): void;
  readonly isClosed: boolean;
  /** Uploads that are being received. */
  readonly uploads: number;
}

/** Nothing new is taken while nothing can be kept. @throws ScriptoriumError what the broker fails with, and when to come back. */
export function refuseWhileGone(broker: Pick<Broker, 'failure'>): void {
  const failure = broker.failure();
  // Where it is, and why, is for the log.
  if (failure !== undefined) throw busy(failure.code, 'What the server keeps its work in is not there now.');
}

/** Decides who may upload now: not while the server stops, no more at once than it takes, none that its queue would refuse. */
export function createDoor({
  broker,
  limiter,
  uploadsAtOnce,
}: {
  readonly broker: Pick<Broker, 'jobs' | 'failure'>;
  readonly limiter: Limiter;
  readonly uploadsAtOnce: number;
}): Door {
  let uploads = 0;
  let isClosed = false;
  return {
    enter(caller, jobClass) {
      if (isClosed) throw busy('server-busy', 'The server is stopping.');
      refuseWhileGone(broker);
      const stats = broker.jobs.stats().classes[jobClass];
      // Every upload that is let in needs a place in the queue when it has arrived.
      if (roomIn(stats) <= uploads)
        throw busy('queue-full', `${String(stats.depth)} jobs are waiting, as many as there may be.`);
      if (uploads >= uploadsAtOnce) throw busy('server-busy', `${String(uploads)} uploads are being received already.`);
      const admission = limiter.admit(caller);
      uploads += 1;
      let uploading = true;
      const uploaded = (): void => {
        if (uploading) uploads -= 1;
        uploading = false;
      };
      return {
        ...admission,
        uploaded,
        release() {
          uploaded();
          admission.release();
        },
      };
    },
    close() {
      isClosed = true;
    },
    get isClosed() {
      return isClosed;
    },
    get uploads() {
      return uploads;
    },
  };
}

const busy = (code: ErrorCode, message: string): ScriptoriumError =>
  new ScriptoriumError(code, message, { details: { retryAfter: RETRY_BUSY } });
