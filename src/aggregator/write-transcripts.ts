import type { Broker, Transcript, TranscriptSegment, TranscriptionRecord } from '../core/index.ts';
import { samplesToMillis, transcriptKey } from '../core/index.ts';
import { stitch } from '../transcript/index.ts';

/** Events read at once. */
const PAGE = 500;
/** A day of fast speech with all its tokens and word times stays below a tenth of this. */
const MAX_TRANSCRIPT_BYTES = 1_073_741_824;

/** Stitches the told segments together and writes the transcripts, whole or not at all. */
export async function writeTranscripts(
  { events, blobs }: Pick<Broker, 'events' | 'blobs'>,
  id: string,
  { request, work }: TranscriptionRecord,
): Promise<void> {
  const prepared = work.prepared ?? [];
  const channels: TranscriptSegment[][] = prepared.map(() => []);
  for (let after = 0; ;) {
    const page = await events.read(id, after, PAGE);
    const last = page.at(-1);
    if (last === undefined) break;
    for (const { event } of page) if (event.type === 'segment') channels[event.channel]?.push(...event.segments);
    after = last.seq;
  }
  const { language, task } = request.options;
  const transcripts = prepared.map(({ total }, channel): Transcript => {
    const place = prepared.length > 1 ? { channel } : {};
    return stitch(channels[channel] ?? [], { language, task, duration: samplesToMillis(total), ...place });
  });
  // Of one that somebody waits for nothing is promised before it is answered.
  const lasting = request.jobClass !== 'interactive';
  await blobs.put(transcriptKey(id), pieces(transcripts), { limit: MAX_TRANSCRIPT_BYTES, lasting });
}

async function* pieces(transcripts: readonly Transcript[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(JSON.stringify(transcripts));
}
