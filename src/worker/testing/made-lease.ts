/** A lease of a made job, over a broker that answers as it is told. */
import type { JobOutcome, JobQueue, Lease, Logger, NackOptions, TranscribeJob } from '../../core/index.ts';
import { JOBS_VERSION, millis, samples, segmentSlot } from '../../core/index.ts';
import { PLAIN } from '../../core/testing/made-decoding.ts';

const job: TranscribeJob = {
  v: JOBS_VERSION,
  type: 'transcribe',
  session: 'job_1',
  channel: 0,
  segment: 0,
  from: samples(0),
  to: samples(16_000),
  speech: [],
  model: 'tiny.en',
  options: PLAIN,
};

export const leaseOf = (attempt = 1): Lease<TranscribeJob> => ({
  id: 'job_1/segment/0/0',
  token: 7,
  attempt,
  maxAttempts: 3,
  session: 'job_1',
  tenant: 'all',
  jobClass: 'batch',
  slot: segmentSlot(0, 0),
  revision: 1,
  enqueuedAt: millis(0),
  body: job,
});

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, with: () => silent };

/** What the lease came to, as the broker heard it. */
export type Settled =
  | { readonly how: 'ack' }
  | { readonly how: 'nack'; readonly options: NackOptions }
  | { readonly how: 'commit'; readonly outcome: JobOutcome };

type Answer = Awaited<ReturnType<JobQueue<unknown>['extend']>>;

/** @param extended what `extend` says, one after the other; `ok` from then on. */
export function tellingBroker(extended: Answer[] = [], commit: 'committed' | 'stale' | 'duplicate' = 'committed') {
  const settled: Settled[] = [];
  let extensions = 0;
  const jobs = {
    extend: () => {
      extensions++;
      return Promise.resolve<Answer>(extended.shift() ?? 'ok');
    },
    ack: () => {
      settled.push({ how: 'ack' });
      return Promise.resolve(true);
    },
    nack: (_lease: unknown, options: NackOptions = {}) => {
      settled.push({ how: 'nack', options });
      return Promise.resolve(true);
    },
  };
  const results = {
    commit: (_lease: unknown, outcome: JobOutcome) => {
      settled.push({ how: 'commit', outcome });
      return Promise.resolve(commit);
    },
  };
  return { broker: { jobs, results }, settled, extensions: () => extensions };
}
