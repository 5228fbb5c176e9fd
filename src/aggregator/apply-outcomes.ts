import type { Broker, CommittedOutcome, JobOutcome, TranscriptionRecord } from '../core/index.ts';
import { isEnded, readTranscription, settleTranscription } from '../core/index.ts';
import { reduceOutcomes } from './reduce-outcomes.ts';
import { writeTranscripts } from './write-transcripts.ts';

/**
 * Folds outcomes into their transcription: events first, then the snapshot that holds them. A crash in between heals, for the
 * snapshot is read with the events behind it, and outcomes that were folded before change nothing.
 *
 * @returns the record when these outcomes ended it.
 * @throws ScriptoriumError as the stores and `settleTranscription` do; then the same outcomes may be applied again.
 */
export async function applyOutcomes(
  broker: Broker,
  id: string,
  outcomes: readonly CommittedOutcome<JobOutcome>[],
): Promise<TranscriptionRecord | undefined> {
  for (;;) {
    const found = await readTranscription(broker, id);
    if (found === undefined) return undefined;
    if (isEnded(found.record)) {
      await settleTranscription(broker, id);
      return undefined;
    }
    const { record, events } = reduceOutcomes(found.record, outcomes);
    const last = events.at(-1);
    const isWhole = last?.type === 'succeeded';
    const first = isWhole ? events.slice(0, -1) : events;
    const after = found.record.seq;
    if (first.length > 0 && (await broker.events.append(id, after, first)).status === 'conflict') continue;
    if (isWhole) {
      // Readers of the last event find the transcript there.
      await writeTranscripts(broker, id, record);
      if ((await broker.events.append(id, after + first.length, [last])).status === 'conflict') continue;
    }
    if (isEnded(record)) {
      await settleTranscription(broker, id);
      return record;
    }
    if ((await broker.sessions.save(id, found.version, record)) !== 'conflict') return undefined;
  }
}
