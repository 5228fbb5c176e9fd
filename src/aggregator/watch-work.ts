import type { Broker, Clock, Telemetry } from '../core/index.ts';
import {
  asScriptoriumError,
  isEnded,
  millis,
  pause,
  prepareAgainJob,
  readTranscription,
  settleTranscription,
} from '../core/index.ts';

/** From the end of one look to the next. */
const LOOK_EVERY = millis(60_000);
/** Records looked at together, and the time between two such pages: a look is no load. */
const PAGE = 100;
const PAGE_EVERY = millis(50);

export interface WatchParts {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/**
 * Looks now and then for transcriptions that have not ended, though nobody works on them: a broker that loses the last of what it
 * was told, as when another Redis takes over, loses jobs and results that were acknowledged. What stands still from one look to the
 * next is prepared once more; segments that have a job or a result are not done twice. Resolves when `signal` aborts.
 */
export async function watchWork(parts: WatchParts, signal: AbortSignal): Promise<void> {
  const { clock, telemetry } = parts;
  const again = telemetry.meter.counter(
    'scriptorium_work_put_again_total',
    'Transcriptions whose jobs were lost and were put once more.',
  );
  /** Where those that nobody works on stood at the last look. */
  let still: ReadonlyMap<string, number> = new Map();
  while (!signal.aborted) {
    try {
      await pause(clock, LOOK_EVERY, signal);
      still = await look(parts, still, () => again.add(), signal);
    } catch (error) {
      if (signal.aborted) return;
      const { code, message: reason } = asScriptoriumError(error, 'storage-failed');
      if (code === 'broker-closed') return;
      telemetry.log.warn('work could not be looked after', { code, reason });
    }
  }
}

async function look(
  { broker, clock, telemetry: { log } }: WatchParts,
  before: ReadonlyMap<string, number>,
  onAgain: () => void,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const still = new Map<string, number>();
  let after: string | undefined;
  for (;;) {
    const from = after === undefined ? {} : { after };
    const page = await broker.sessions.list({ order: 'asc', limit: PAGE, ...from });
    for (const { id, record } of page) {
      if (isEnded(record) || (await broker.jobs.isWorkedOn(id))) continue;
      const found = await readTranscription(broker, id);
      if (found === undefined) continue;
      const { seq } = found.record;
      if (isEnded(found.record)) await settleTranscription(broker, id);
      else if (before.get(id) !== seq) still.set(id, seq);
      else if ((await broker.jobs.put(prepareAgainJob(found))) === 'queued') {
        log.warn('nobody works on a transcription: it is prepared once more', { sessionId: id });
        onAgain();
      }
    }
    after = page.at(-1)?.id;
    if (after === undefined) return still;
    await pause(clock, PAGE_EVERY, signal);
  }
}
