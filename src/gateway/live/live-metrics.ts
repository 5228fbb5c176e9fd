import type { Clock, LiveEndReason, LiveLedger, LiveView, Meter, Millis } from '../../core/index.ts';
import { SAMPLE_RATE, millis } from '../../core/index.ts';
import type { LiveLoad } from './live-load.ts';

/** What people feel of live sessions, as numbers; made once for a gateway. */
export interface LiveMetrics {
  session(clock: Clock): SessionTiming;
  ended(reason: LiveEndReason, ledger: LiveLedger): void;
  resumed(): void;
  closed(code: number): void;
  /** A client had to wait for its sound to be taken in. */
  stalled(): void;
  refused(): void;
}

/** Watches one session's utterances. */
export interface SessionTiming {
  speechStart(utterance: number): void;
  /** @param pause how long nobody had spoken when that was decided. */
  speechEnd(utterance: number, pause: Millis): void;
  partial(isDropped: boolean): void;
  /** Something new was told. */
  saw(view: LiveView): void;
}

/** Upper bounds in seconds: people feel differences of a tenth of one. */
const FELT = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1, 1.25, 1.5, 2, 3, 5, 10, 30];

interface Spoken {
  readonly startedAt: Millis;
  endedAt?: Millis;
  pause: number;
  partialAt?: Millis;
  revision: number;
}

export function liveMetrics(meter: Meter, load: LiveLoad): LiveMetrics {
  const first = meter.histogram(
    'scriptorium_live_first_partial_seconds',
    'From the start of speech to the first text of an utterance.',
    FELT,
  );
  const age = meter.histogram('scriptorium_live_partial_seconds', 'From the cut of a partial to its text.', FELT);
  const final = meter.histogram(
    'scriptorium_live_final_seconds',
    'From the end of speech to the final, the pause that told the end included.',
    FELT,
  );
  const partials = meter.counter('scriptorium_live_partials_total', 'Partials, by whether they were put.', ['end']);
  const words = meter.counter('scriptorium_live_words_total', 'Words of finals.');
  const changed = meter.counter('scriptorium_live_changed_words_total', 'Words that were shown and then changed.');
  const audio = meter.counter(
    'scriptorium_live_audio_seconds_total',
    'Audio of live sessions that ended, by what became of it.',
    ['outcome'],
  );
  const sessions = meter.counter('scriptorium_live_sessions_total', 'Live sessions that ended, by why.', ['reason']);
  const resumes = meter.counter('scriptorium_live_resumes_total', 'Sockets that took a session up again.');
  const closes = meter.counter('scriptorium_live_closes_total', 'Sockets that were closed, by code.', ['code']);
  const stalls = meter.counter('scriptorium_live_stalls_total', 'Times that a client was kept waiting to send.');
  const refusals = meter.counter('scriptorium_live_refused_total', 'Sessions that were refused for want of capacity.');

  return {
    session(clock) {
      const spoken = new Map<number, Spoken>();
      let seen: LiveView | undefined;
      return {
        speechStart: (utterance) => void spoken.set(utterance, { startedAt: clock.now(), pause: 0, revision: 0 }),
        speechEnd(utterance, pause) {
          const one = spoken.get(utterance);
          if (one === undefined) return;
          one.endedAt = clock.now();
          one.pause = pause;
        },
        partial(isDropped) {
          partials.add(1, { end: isDropped ? 'dropped' : 'put' });
          const [newest] = [...spoken.values()].slice(-1);
          if (newest !== undefined && !isDropped) newest.partialAt = clock.now();
        },
        saw(view) {
          for (const { utterance, revision } of view.open) {
            const one = spoken.get(utterance);
            if (one === undefined || revision <= one.revision) continue;
            if (one.revision === 0) first.observe((clock.now() - one.startedAt) / 1000);
            one.revision = revision;
            const took = millis(clock.now() - (one.partialAt ?? clock.now()));
            age.observe(took / 1000);
            load.sawPartial(took);
          }
          for (const [utterance, { endedAt, pause }] of spoken) {
            if (utterance >= view.nextFinal) continue;
            spoken.delete(utterance);
            if (endedAt === undefined) continue;
            const took = millis(clock.now() - endedAt);
            load.sawFinal(took);
            final.observe((took + pause) / 1000);
          }
          words.add(view.figures.words - (seen?.figures.words ?? 0));
          changed.add(view.figures.changedWords - (seen?.figures.changedWords ?? 0));
          seen = view;
        },
      };
    },
    ended(reason, { received, transcribed, silence, suppressed, dropped }) {
      sessions.add(1, { reason });
      const parts = {
        received,
        transcribed,
        silence,
        'suppressed-no-speech': suppressed['no-speech'],
        'dropped-failed': dropped.failed,
        'dropped-cleared': dropped.cleared,
        'dropped-gap': dropped.gap,
      };
      for (const [outcome, length] of Object.entries(parts)) audio.add(length / SAMPLE_RATE, { outcome });
    },
    resumed: () => resumes.add(),
    closed: (code) => closes.add(1, { code: String(code) }),
    stalled: () => stalls.add(),
    refused: () => refusals.add(),
  };
}
