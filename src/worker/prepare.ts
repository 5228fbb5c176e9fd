import { decodeTo16k, findSegments, splitChannels, type DecodeLimits, type FfmpegRunner } from '../audio/index.ts';
import type {
  Broker,
  Clock,
  JobOutcome,
  Lease,
  Logger,
  PrepareJob,
  PreparedChannel,
  Samples,
  Segment,
  Vad,
} from '../core/index.ts';
import {
  JOBS_VERSION,
  SAMPLE_RATE,
  ScriptoriumError,
  beginTranscription,
  fromPcm16,
  isEnded,
  millis,
  pause,
  samples,
  segmentSlot,
  toPcm16,
} from '../core/index.ts';
import type { Places } from './places.ts';

export interface PrepareParts {
  readonly broker: Pick<Broker, 'jobs' | 'audio' | 'blobs' | 'sessions' | 'events'>;
  readonly vad: () => Promise<Vad>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly ffmpeg?: FfmpegRunner;
  readonly limits?: DecodeLimits;
  /** One is taken while it decodes, and given back while it waits. */
  readonly decoders: Places;
}

/** Samples written at once: 8 s, what the search for speech looks at in one go. */
const WRITE_SAMPLES = 8 * SAMPLE_RATE;
/** Segments of one channel that may wait for an engine: about three hours of speech. */
const MAX_AHEAD = 512;
/** How often a channel that is too far ahead, or a full queue, is looked at again. */
const LOOK_AGAIN = millis(250);

/**
 * Decodes an upload, writes its samples and puts a job for each segment of speech as it is found. All of it is the same on a
 * second run: what was written or put before is found there.
 *
 * @throws ScriptoriumError as `decodeTo16k` and the stores do; the reason of `signal`.
 */
export async function prepare(lease: Lease<PrepareJob>, parts: PrepareParts, signal: AbortSignal): Promise<JobOutcome> {
  const place = turn(parts, signal);
  await place.begin();
  try {
    return await decode(lease, parts, place, signal);
  } finally {
    place.end();
  }
}

/** A decoder's place that is left for the time of a wait. */
interface Turn {
  begin(): Promise<void>;
  /** Waits a while; others may decode meanwhile. Channels that wait at the same time wait together. */
  wait(): Promise<void>;
  end(): void;
}

function turn({ decoders, clock }: PrepareParts, signal: AbortSignal): Turn {
  let leave = (): void => {};
  let waiting: Promise<void> | undefined;
  const begin = async (): Promise<void> => {
    leave = await decoders.take(signal);
  };
  const waitOnce = async (): Promise<void> => {
    leave();
    try {
      await pause(clock, LOOK_AGAIN, signal);
      await begin();
    } finally {
      waiting = undefined;
    }
  };
  return { begin, wait: () => (waiting ??= waitOnce()), end: () => leave() };
}

async function decode(
  lease: Lease<PrepareJob>,
  parts: PrepareParts,
  place: Turn,
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
    const { channels, done } = splitChannels(heeded(audio.blocks, signal), audio.channels);
    const prepared = await Promise.all(
      channels.map((blocks, channel) => prepareChannel(blocks, channel, lease, vad, parts, place)),
    );
    await done;
    return { type: 'prepared', channels: prepared };
  } finally {
    await audio.close();
  }
}

async function* heeded<T>(blocks: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void, undefined> {
  for await (const block of blocks) {
    signal.throwIfAborted();
    yield block;
  }
}

async function prepareChannel(
  blocks: AsyncIterable<Float32Array>,
  channel: number,
  lease: Lease<PrepareJob>,
  vad: Vad,
  parts: PrepareParts,
  place: Turn,
): Promise<PreparedChannel> {
  const { audio } = parts.broker;
  const stream = findSegments(stored(blocks, channel, lease.session, audio), vad);
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

/** The same blocks as 16 bits give them back, each once it is in the store. */
async function* stored(
  blocks: AsyncIterable<Float32Array>,
  channel: number,
  session: string,
  audio: Broker['audio'],
): AsyncGenerator<Float32Array, void, undefined> {
  let at: Samples = samples(0);
  for await (const block of gathered(blocks)) {
    const pcm = toPcm16(block);
    await audio.append(session, channel, at, pcm);
    at = samples(at + pcm.length);
    yield fromPcm16(pcm);
  }
}

/** Small blocks put together: a write costs the same for one sample as for thousands. */
async function* gathered(blocks: AsyncIterable<Float32Array>): AsyncGenerator<Float32Array, void, undefined> {
  let pieces: Float32Array[] = [];
  let length = 0;
  const join = (): Float32Array => {
    const whole = new Float32Array(length);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    pieces = [];
    length = 0;
    return whole;
  };
  for await (const block of blocks) {
    pieces.push(block);
    length += block.length;
    if (length >= WRITE_SAMPLES) yield join();
  }
  if (length > 0) yield join();
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
  place: Turn,
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
