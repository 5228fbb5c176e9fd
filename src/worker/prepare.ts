import { decodeTo16k, findSegments, splitChannels, type DecodeLimits, type FfmpegRunner } from '../audio/index.ts';
import type {
  Broker,
  Clock,
  JobOutcome,
  Lease,
  Logger,
  PrepareJob,
  PreparedChannel,
  Segment,
  Vad,
} from '../core/index.ts';
import { JOBS_VERSION, ScriptoriumError, beginTranscription, isEnded, samples, segmentSlot } from '../core/index.ts';
import { decoderTurn, type DecoderTurn } from './decoder-turn.ts';
import { pacedBlocks } from './paced-blocks.ts';
import type { Places } from './places.ts';
import { storedBlocks } from './stored-blocks.ts';

export interface PrepareParts {
  readonly broker: Pick<Broker, 'jobs' | 'audio' | 'blobs' | 'sessions' | 'events'>;
  readonly vad: () => Promise<Vad>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly ffmpeg?: FfmpegRunner;
  readonly limits?: DecodeLimits;
  /** One is taken while it decodes, and given back while it waits. */
  readonly decoders: Places;
  /** Whether it is to make way for something that somebody waits for. */
  readonly isAside: () => boolean;
}

/** Segments of one channel that may wait for an engine: about three hours of speech. */
const MAX_AHEAD = 512;

/**
 * Decodes an upload, writes its samples and puts a job for each segment of speech as it is found. All of it is the same on a
 * second run: what was written or put before is found there.
 *
 * @throws ScriptoriumError as `decodeTo16k` and the stores do; the reason of `signal`.
 */
export async function prepare(lease: Lease<PrepareJob>, parts: PrepareParts, signal: AbortSignal): Promise<JobOutcome> {
  const place = decoderTurn(parts.decoders, parts.clock, signal);
  await place.begin();
  try {
    return await decode(lease, parts, place, signal);
  } finally {
    place.end();
  }
}

async function decode(
  lease: Lease<PrepareJob>,
  parts: PrepareParts,
  place: DecoderTurn,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { body } = lease;
  const { broker, ffmpeg, limits, log } = parts;
  await beginTranscription(broker, lease.session);
  const path = broker.blobs.path(body.blob);
  const [vad, audio] = await Promise.all([
    parts.vad(),
    decodeTo16k(broker.blobs.open(body.blob), {
      name: body.name,
      channels: body.channels,
      onWarning: ({ kind }) => log.warn('recording is not whole', { kind }),
      ...(path === undefined ? {} : { path }),
      ...(ffmpeg === undefined ? {} : { ffmpeg }),
      ...(limits === undefined ? {} : { limits }),
    }),
  ]);
  try {
    const { channels, done } = splitChannels(pacedBlocks(audio.blocks, { ...parts, place }, signal), audio.channels);
    const prepared = await Promise.all(
      channels.map((blocks, channel) => prepareChannel(blocks, channel, lease, vad, parts, place)),
    );
    await done;
    return { type: 'prepared', channels: prepared };
  } finally {
    await audio.close();
  }
}

async function prepareChannel(
  blocks: AsyncIterable<Float32Array>,
  channel: number,
  lease: Lease<PrepareJob>,
  vad: Vad,
  parts: PrepareParts,
  place: DecoderTurn,
): Promise<PreparedChannel> {
  const stored = storedBlocks(blocks, channel, lease.session, parts.broker.audio);
  const stream = findSegments(stored, vad, { isRounded: true });
  let segments = 0;
  let settled = 0;
  for await (const segment of stream) {
    while (segments - settled >= MAX_AHEAD) {
      settled = await settledSegments(lease.session, channel, parts);
      if (segments - settled >= MAX_AHEAD) await place.wait();
    }
    await put(segment, channel, segments, lease, parts, place);
    segments++;
  }
  const { total, silence } = stream.ledger();
  return { total, segments, silence };
}

/** How many segments of a channel have come through to clients. @throws ScriptoriumError `cancelled` when it has ended. */
async function settledSegments(session: string, channel: number, { broker }: PrepareParts): Promise<number> {
  const found = await broker.sessions.read(session);
  if (found === undefined || isEnded(found.record)) {
    throw new ScriptoriumError('cancelled', 'the transcription has ended');
  }
  return found.record.work.channels[channel]?.next ?? 0;
}

/** Puts the job of one segment; waits while its class is full. */
async function put(
  segment: Segment,
  channel: number,
  index: number,
  { body, session, tenant, jobClass }: Lease<PrepareJob>,
  { broker }: PrepareParts,
  place: DecoderTurn,
): Promise<void> {
  const slot = segmentSlot(channel, index);
  const { model, options } = body;
  for (;;) {
    const status = await broker.jobs.put({
      id: `${session}/${slot}`,
      session,
      tenant,
      jobClass,
      slot,
      revision: 1,
      body: {
        v: JOBS_VERSION,
        type: 'transcribe',
        session,
        channel,
        segment: index,
        from: segment.start,
        to: samples(segment.start + segment.pcm.length),
        speech: segment.speech,
        model,
        options,
      },
    });
    if (status !== 'full') return;
    await place.wait();
  }
}
