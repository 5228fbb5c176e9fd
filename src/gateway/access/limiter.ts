import { ScriptoriumError, millis, type Clock, type Millis, type Spend } from '../../core/index.ts';
import type { KeyLimits } from '../settings.ts';
import type { Caller } from './key-ring.ts';

const MINUTE = millis(60_000);
const HOUR = millis(60 * MINUTE);

/** What a limiter tells a client, for OpenAI's headers. */
export interface RateState {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until all of it is there again. */
  readonly reset: number;
}

/** Bounds what each key uses: requests a minute, audio seconds an hour, transcriptions at once. */
export interface Limiter {
  /**
   * Counts one request, and one transcription at once until `release`.
   *
   * @throws ScriptoriumError `rate-limited`, its details with `retryAfter` in seconds.
   */
  admit(caller: Caller): Admission;
  /** Counts a transcription that was let in before the server started. */
  resume(caller: Caller): Admission;
  /**
   * Tells what was used since the last time, and takes over what is left of that which all have used. Only of buckets that are not full.
   *
   * @throws what `spend` throws; then it is told the next time.
   */
  share(spend: (spends: readonly Spend[]) => Promise<readonly number[]>): Promise<void>;
  /** Of requests; undefined when the key has no such limit. */
  state(caller: Caller): RateState | undefined;
}

export interface Admission {
  /** Whether anything is counted until the end of the work. */
  readonly isMetered: boolean;
  /** Counts audio that was decoded: what is too much is paid back by waiting. */
  charge(audioSeconds: number): void;
  /** For work that goes on for long. @throws ScriptoriumError `rate-limited` while more audio was used than may be. */
  refuseSpent(): void;
  /** The transcription has ended, or never began. Once counts. */
  release(): void;
}

/** Fills steadily, up to what one period gives; may go below nothing. */
interface Bucket {
  readonly key: string;
  readonly period: Millis;
  /** 0 without a limit: then nobody asks. */
  most: number;
  level: number;
  at: number;
  /** Since it was shared last. */
  used: number;
}

interface Usage {
  readonly requests: Bucket;
  readonly audio: Bucket;
  jobs: number;
}

export function createLimiter(clock: Clock, server: KeyLimits): Limiter {
  // Tenants are names of keys: there are no more of them than keys.
  const usages = new Map<string, Usage>();

  const limitsOf = (caller: Caller): KeyLimits => ({ ...server, ...caller.limits });

  function usageOf(caller: Caller): Usage {
    const { requestsPerMinute = 0, audioSecondsPerHour = 0 } = limitsOf(caller);
    const at = clock.now();
    const usage = usages.get(caller.tenant) ?? {
      requests: full(`${caller.tenant}/requests`, MINUTE, requestsPerMinute, at),
      audio: full(`${caller.tenant}/audio`, HOUR, audioSecondsPerHour, at),
      jobs: 0,
    };
    usages.set(caller.tenant, usage);
    fill(usage.requests, requestsPerMinute, at);
    fill(usage.audio, audioSecondsPerHour, at);
    return usage;
  }

  function hold(caller: Caller): Admission {
    const { jobsAtOnce, audioSecondsPerHour } = limitsOf(caller);
    const usage = usageOf(caller);
    usage.jobs += 1;
    let held = true;
    return {
      isMetered: jobsAtOnce !== undefined || audioSecondsPerHour !== undefined,
      charge(audioSeconds) {
        if (audioSecondsPerHour !== undefined) use(usageOf(caller).audio, audioSeconds);
      },
      refuseSpent() {
        refuseWhenEmpty('audio seconds an hour', usageOf(caller).audio, 0, audioSecondsPerHour, HOUR);
      },
      release() {
        if (held) usage.jobs -= 1;
        held = false;
      },
    };
  }

  return {
    admit(caller) {
      const limits = limitsOf(caller);
      const usage = usageOf(caller);
      refuseWhenEmpty('requests a minute', usage.requests, 1, limits.requestsPerMinute, MINUTE);
      refuseWhenEmpty('audio seconds an hour', usage.audio, 1, limits.audioSecondsPerHour, HOUR);
      if (limits.jobsAtOnce !== undefined && usage.jobs >= limits.jobsAtOnce) {
        throw limited('transcriptions at once', limits.jobsAtOnce, RETRY_JOBS);
      }
      use(usage.requests, 1);
      return hold(caller);
    },
    resume: hold,
    async share(spend) {
      const at = clock.now();
      const open = [...usages.values()]
        .flatMap(({ requests, audio }) => [requests, audio])
        .filter((bucket) => {
          fill(bucket, bucket.most, at);
          return bucket.most > 0 && (bucket.used > 0 || bucket.level < bucket.most);
        })
        .map((bucket) => ({ bucket, amount: bucket.used }));
      if (open.length === 0) return;
      for (const { bucket } of open) bucket.used = 0;
      try {
        const left = await spend(
          open.map(({ bucket: { key, most, period }, amount }) => ({ key, amount, most, period })),
        );
        for (const [index, { bucket }] of open.entries()) {
          bucket.level = (left[index] ?? bucket.level) - bucket.used;
          bucket.at = clock.now();
        }
      } catch (error) {
        for (const { bucket, amount } of open) bucket.used += amount;
        throw error;
      }
    },
    state(caller) {
      const { requestsPerMinute: limit } = limitsOf(caller);
      if (limit === undefined) return undefined;
      const { level } = usageOf(caller).requests;
      const reset = ((limit - level) / limit) * (MINUTE / 1000);
      return { limit, remaining: Math.max(0, Math.floor(level)), reset: Math.max(0, reset) };
    },
  };
}

/** Seconds after which one of a key's transcriptions may have ended. */
const RETRY_JOBS = 5;

const full = (key: string, period: Millis, most: number, at: number): Bucket => ({
  key,
  period,
  most,
  level: most,
  at,
  used: 0,
});

function fill(bucket: Bucket, most: number, now: number): void {
  bucket.most = most;
  bucket.level = Math.min(most, bucket.level + (most * (now - bucket.at)) / bucket.period);
  bucket.at = now;
}

function use(bucket: Bucket, amount: number): void {
  bucket.level -= amount;
  bucket.used += amount;
}

function refuseWhenEmpty(
  what: string,
  { level }: Bucket,
  need: number,
  limit: number | undefined,
  period: number,
): void {
  if (limit === undefined || level >= need) return;
  const wait = limit === 0 ? period : ((need - level) / limit) * period;
  throw limited(what, limit, Math.ceil(Math.round(wait) / 1000));
}

const limited = (what: string, limit: number, retryAfter: number): ScriptoriumError =>
  new ScriptoriumError(
    'rate-limited',
    `This key may use ${String(limit)} ${what}; try again in ${String(retryAfter)} s.`,
    {
      details: { retryAfter: Math.max(1, retryAfter) },
    },
  );
