import {
  heeding,
  ScriptoriumError,
  transcriptKey,
  type Broker,
  type Transcript,
  type TranscriptionEvent,
} from '../../core/index.ts';

/** Longest transcript that is read into memory: some 700 hours of speech with the times of all words. */
const MAX_TRANSCRIPT_BYTES = 1024 ** 3;

export interface FollowHooks {
  /** Each event in order, the last one among them. */
  readonly onEvent?: (event: TranscriptionEvent) => void | Promise<void>;
}

/**
 * Follows a transcription to its end.
 *
 * @returns its transcripts: one, or one a channel.
 * @throws ScriptoriumError the failure of the transcription, `cancelled`, `broker-closed`; the reason of `signal`.
 */
export async function followToEnd(
  { events, blobs }: Pick<Broker, 'events' | 'blobs'>,
  id: string,
  signal: AbortSignal,
  { onEvent }: FollowHooks = {},
): Promise<readonly Transcript[]> {
  for await (const { event } of events.follow(id, 0, signal)) {
    await onEvent?.(event);
    if (event.type === 'failed') throw new ScriptoriumError(event.code, event.message);
    if (event.type === 'cancelled') throw new ScriptoriumError('cancelled', 'The transcription was cancelled.');
    if (event.type === 'succeeded') return heeding(signal, readTranscripts(blobs, id));
  }
  signal.throwIfAborted();
  throw new ScriptoriumError('broker-closed', 'The server stopped before the transcription ended.');
}

/**
 * The finished transcripts of a transcription that succeeded.
 *
 * @throws ScriptoriumError `blob-missing` when they were deleted.
 */
export async function readTranscripts(blobs: Broker['blobs'], id: string): Promise<readonly Transcript[]> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of blobs.open(transcriptKey(id))) {
    bytes += chunk.length;
    if (bytes > MAX_TRANSCRIPT_BYTES) throw new RangeError(`${id}: its transcript is too large`);
    chunks.push(chunk);
  }
  return asTranscripts(JSON.parse(Buffer.concat(chunks).toString('utf8')), id);
}

/** Our own aggregator wrote it: only its outline is checked. */
function asTranscripts(value: unknown, id: string): readonly Transcript[] {
  if (!Array.isArray(value) || !value.every(isTranscript)) throw new TypeError(`${id}: this is no transcript`);
  return value;
}

const isTranscript = (value: unknown): value is Transcript =>
  typeof value === 'object' &&
  value !== null &&
  'text' in value &&
  'segments' in value &&
  Array.isArray(value.segments);
