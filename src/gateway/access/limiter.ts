import { ScriptoriumError, type Clock } from '../../core/index.ts';
import type { KeyLimits } from '../settings.ts';
import type { Caller } from './key-ring.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

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
  /** Of requests; undefined when the key has no such limit. */
  state(caller: Caller): RateState | undefined;
}

export interface Admission {
  /** Whether anything is counted until the end of the work. */
  readonly isMetered: boolean;
  /** Counts audio that was decoded: what is too much is paid back by waiting. */
  charge(audioSeconds: number): void;
  /** The transcription has ended, or never began. Once counts. */
  release(): void;
}

/** Fills steadily, up to what one period gives; may go below nothing. */
interface Bucket {
  level: number;
  at: number;
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
      requests: { level: requestsPerMinute, at },
      audio: { level: audioSecondsPerHour, at },
      jobs: 0,
    };
    usages.set(caller.tenant, usage);
    fill(usage.requests, requestsPerMinute, MINUTE, at);
    fill(usage.audio, audioSecondsPerHour, HOUR, at);
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
        if (audioSecondsPerHour !== undefined) usageOf(caller).audio.level -= audioSeconds;
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
      usage.requests.level -= 1;
      return hold(caller);
    },
    resume: hold,
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

function fill(bucket: Bucket, most: number, period: number, now: number): void {
  bucket.level = Math.min(most, bucket.level + (most * (now - bucket.at)) / period);
  bucket.at = now;
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
