import type { AudioLedger, Broker, Clock, CommittedOutcome, JobOutcome, Telemetry } from '../core/index.ts';
import { SAMPLE_RATE, asScriptoriumError, millis, pause, utteranceOfSlot } from '../core/index.ts';
import { applyOutcomes } from './apply-outcomes.ts';
import { applyLive } from './live/apply-live.ts';
import { recover } from './recover.ts';
import { watchWork } from './watch-work.ts';

export interface AggregatorParts {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Who holds the outcomes that it takes. */
  readonly name: string;
}

export interface Aggregator {
  /** Takes no more outcomes; resolves when those taken are folded in. Idempotent. */
  stop(): Promise<void>;
}

/** Outcomes taken at once. */
const TAKE = 64;
const TAKE_WAIT = millis(30_000);
/** After a store that failed. */
const BREATHER = millis(1000);

/**
 * Starts to fold outcomes into their transcriptions, in the order of their commits; what a crash left is taken up first, while
 * it works. An outcome is let go of once everything that follows from it is written.
 */
export function startAggregator({ broker, clock, telemetry, name }: AggregatorParts): Aggregator {
  const stopping = new AbortController();
  const { signal } = stopping;
  const { log, meter } = telemetry;
  const audio = meter.counter(
    'scriptorium_audio_seconds_total',
    'Audio of transcriptions that ended, by what became of it.',
    ['outcome'],
  );
  const ended = meter.counter('scriptorium_transcriptions_total', 'Transcriptions that ended, by how.', ['state']);

  function count({ received, transcribed, silence, suppressed, dropped }: AudioLedger): void {
    const parts = { received, transcribed, silence, ...named('suppressed', suppressed), ...named('dropped', dropped) };
    for (const [outcome, samples] of Object.entries(parts)) audio.add(samples / SAMPLE_RATE, { outcome });
  }

  async function foldTranscription(id: string, outcomes: readonly CommittedOutcome<JobOutcome>[]): Promise<void> {
    const record = await applyOutcomes(broker, id, outcomes);
    if (record === undefined) return;
    ended.add(1, { state: record.state });
    if (record.ledger !== undefined) count(record.ledger);
    log.info('transcription ended', { sessionId: id, state: record.state, code: record.error?.code });
  }

  async function fold(id: string, outcomes: readonly CommittedOutcome<JobOutcome>[]): Promise<void> {
    const isLive = outcomes.some(({ slot }) => utteranceOfSlot(slot) !== undefined);
    await (isLive ? applyLive(broker, id, outcomes) : foldTranscription(id, outcomes));
    await broker.results.done(outcomes.map((outcome) => outcome.id));
  }

  async function serve(): Promise<void> {
    while (!signal.aborted) {
      try {
        const taken = await broker.results.take({ consumer: name, limit: TAKE, wait: TAKE_WAIT, signal });
        const sessions = new Map<string, CommittedOutcome<JobOutcome>[]>();
        for (const outcome of taken) {
          const others = sessions.get(outcome.session);
          if (others === undefined) sessions.set(outcome.session, [outcome]);
          else others.push(outcome);
        }
        // Each by itself: what one can't write keeps no other from being written.
        const folding = [...sessions].map(([id, outcomes]) =>
          fold(id, outcomes).catch((error: unknown) => {
            tell('outcomes could not be folded in; they come again', error, { sessionId: id });
          }),
        );
        await Promise.all(folding);
      } catch (error) {
        if (tell('no outcomes could be taken', error) === 'broker-closed') return;
        await pause(clock, BREATHER, signal).catch(() => undefined);
      }
    }
  }

  function tell(message: string, error: unknown, facts: { readonly sessionId?: string } = {}): string {
    const { code, message: reason } = asScriptoriumError(error, 'storage-failed');
    if (code !== 'broker-closed') log.error(message, { ...facts, code, reason });
    return code;
  }

  const recovering = recover(broker, clock, signal).catch((error: unknown) => {
    if (!signal.aborted) tell('what a crash left could not be taken up', error);
  });
  const watching = recovering.then(() => watchWork({ broker, clock, telemetry }, signal));
  const serving = serve();
  return {
    async stop() {
      stopping.abort();
      await Promise.all([watching, serving]);
    },
  };
}

const named = (kind: string, parts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(parts).map(([reason, samples]) => [`${kind}-${reason}`, samples]));
