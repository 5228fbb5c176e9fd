import { SAMPLE_RATE } from '../../core/index.ts';
import type { Caller } from '../access/key-ring.ts';
import type { Admission, Limiter } from '../access/limiter.ts';
import type { LiveSession } from './live-session.ts';

/**
 * What the session of one socket uses of its key's limits: it counts as a transcription as long as a socket has it, and its sound as it
 * is taken in. Whoever is out of audio is closed, and may come back when there is some again.
 */
export interface LiveQuota {
  /** @throws ScriptoriumError `rate-limited`; then nothing is counted. */
  begin(): void;
  /** A session that was let in before. */
  goOn(session: Pick<LiveSession, 'received'>): void;
  /** @throws ScriptoriumError `rate-limited` while the key has used all its audio. */
  refuseSpent(): void;
  /** Counts what a session took in since the last time. */
  count(session: Pick<LiveSession, 'received'>): void;
  /** The socket has no session any more. Once counts. */
  release(): void;
}

export function liveQuota(caller: Caller, limiter: Pick<Limiter, 'admit' | 'resume'>): LiveQuota {
  let admission: Admission | undefined;
  let counted = 0;
  return {
    begin() {
      admission = limiter.admit(caller);
    },
    goOn(session) {
      admission = limiter.resume(caller);
      counted = session.received().samples;
    },
    refuseSpent: () => admission?.refuseSpent(),
    count(session) {
      const { samples } = session.received();
      admission?.charge((samples - counted) / SAMPLE_RATE);
      counted = samples;
    },
    release() {
      admission?.release();
    },
  };
}
