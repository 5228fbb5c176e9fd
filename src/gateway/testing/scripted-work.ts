import type { AudioLedger, PrepareJob, Transcript, TranscriptionEvent, TranscriptSegment } from '../../core/index.ts';
import { foldEvents, millis, samples, transcriptKey } from '../../core/index.ts';
import type { MadeBroker } from './made-broker.ts';

/** Segments of two seconds each, one a text. */
export const spoken = (texts: readonly string[]): TranscriptSegment[] =>
  texts.map((text, index) => ({
    text,
    start: millis(index * 2000),
    end: millis(index * 2000 + 1500),
    language: 'en',
    tokens: [index],
    words: text.split(' ').map((word, place) => ({
      text: word,
      start: millis(index * 2000 + place * 100),
      end: millis(index * 2000 + place * 100 + 90),
      probability: 0.9,
      tokens: [place],
    })),
    avgLogprob: -0.25,
    noSpeechProbability: 0.01,
    compressionRatio: 1.1,
    temperature: 0,
  }));

const none = samples(0);

export const ledgerOfSeconds = (seconds: number): AudioLedger => ({
  received: samples(seconds * 16_000),
  transcribed: samples(seconds * 16_000),
  silence: none,
  suppressed: { 'no-speech': none },
  dropped: { cancelled: none, failed: none },
});

/** Tells one event of a transcription, and keeps its record up to date as an aggregator does. */
export async function tell(broker: MadeBroker, id: string, event: TranscriptionEvent): Promise<void> {
  const found = await broker.sessions.read(id);
  const logged = await broker.events.read(id, 0, 10_000);
  const { status } = await broker.events.append(id, logged.length, [event]);
  if (found === undefined || status !== 'ok') return;
  const record = foldEvents(found.record, await broker.events.read(id, found.record.seq, 10_000));
  await broker.sessions.save(id, found.version, record);
}

/** Waits for nothing and says the texts, a segment each. */
export const sayAll =
  (texts: readonly string[], between: (index: number) => Promise<void> = async () => {}) =>
  async (broker: MadeBroker, { session, options }: PrepareJob): Promise<void> => {
    const segments = spoken(texts);
    const duration = millis(segments.length * 2000 + 470);
    await tell(broker, session, { type: 'started' });
    for (const [index, segment] of segments.entries()) {
      await between(index);
      const start = samples(index * 32_000);
      const length = samples(24_000);
      await tell(broker, session, { type: 'segment', channel: 0, index, start, length, segments: [segment] });
      await tell(broker, session, { type: 'progress', doneMs: segment.end, totalMs: duration });
    }
    await between(segments.length);
    const transcript: Transcript = {
      text: texts.join(' '),
      language: options.language === 'auto' ? 'en' : options.language,
      task: options.task,
      duration,
      segments,
    };
    broker.blobs.write(transcriptKey(session), JSON.stringify([transcript]));
    await tell(broker, session, { type: 'succeeded', ledger: ledgerOfSeconds(duration / 1000) });
  };

/** Fails as the worker does with a file that it cannot read. */
export const failWith =
  (code: 'audio-damaged' | 'audio-format-unsupported' | 'engine-crashed', message: string) =>
  async (broker: MadeBroker, { session }: PrepareJob): Promise<void> => {
    await tell(broker, session, { type: 'started' });
    await tell(broker, session, { type: 'failed', code, message, ledger: ledgerOfSeconds(0) });
  };
