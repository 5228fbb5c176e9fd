import type { Audio16k, AudioWarning, DecodeLimits, FfmpegRunner } from '../audio/index.ts';
import { decodeTo16k, findSegments, splitChannels } from '../audio/index.ts';
import type { DecodeOptions, Engine, Samples, Segment, Transcript, TranscriptSegment, Vad } from '../core/index.ts';
import { ScriptoriumError, heeding, samples, samplesToMillis } from '../core/index.ts';
import type { AudioInput, TranscribeHooks, TranscribeRequest } from './app.ts';
import { firstAhead } from './first-ahead.ts';
import { segmentsOf, stitch } from '../transcript/index.ts';
import { trackProgress } from './track-progress.ts';
import { transcribeChannel } from './transcribe-channel.ts';

export interface RecordingParts {
  /** It and `vad` may still be starting: meanwhile the recording is opened and its first segment found. */
  readonly engine: Engine | Promise<Engine>;
  readonly vad: Vad | Promise<Vad>;
  readonly ffmpeg?: FfmpegRunner;
  readonly limits?: DecodeLimits;
  readonly onWarning?: (warning: AudioWarning) => void;
}

/**
 * One recording, from bytes to transcripts: decode → speech → segments → engine → order. Everything streams, so that a file
 * of any length needs the memory of a few segments and its text. What cannot be read is told before the engine is there.
 *
 * @returns one transcript; with `channels: 'split'`, one a channel.
 * @throws ScriptoriumError as `decodeTo16k`, the engine and its start do; `cancelled` when `hooks.signal` aborts; what
 *   `hooks.onOpened` rejects with.
 */
export async function transcribeRecording(
  input: AudioInput,
  request: TranscribeRequest,
  parts: RecordingParts,
  hooks: TranscribeHooks = {},
): Promise<readonly Transcript[]> {
  const { engine, vad, ...decoding } = parts;
  const stop = new AbortController();
  const signal = hooks.signal === undefined ? stop.signal : AbortSignal.any([hooks.signal, stop.signal]);
  const path = input.path === undefined ? {} : { path: input.path };
  const opening = decodeTo16k(input.open(), { name: input.name, channels: request.channels, ...path, ...decoding });
  // Whoever waits for anything hears at once that one of them failed.
  Promise.all([engine, vad]).catch((error: unknown) => stop.abort(error));
  const started = heeding(signal, Promise.resolve(engine));
  started.catch(() => {});
  let audio: Audio16k | undefined;
  try {
    audio = await heeding(signal, opening);
    const { channels: count } = audio;
    await heeding(signal, hooks.onOpened?.(count) ?? Promise.resolve());
    const hears = await heeding(signal, Promise.resolve(vad));
    const progress = trackProgress(count, audio.promised, (one) => hooks.onProgress?.(one));
    const { channels } = splitChannels(
      counted(audio.blocks, (read) => progress.decoded(read), signal),
      count,
    );
    const working = channels.map((blocks, channel) =>
      transcribeOne(blocks, channel, count > 1, request, started, hears, signal, {
        onSegment: (segment) => hooks.onSegment?.(segment, channel),
        onProgress: (segment, share) => progress.working(channel, segment, share),
        onDone: (until) => progress.transcribed(channel, until),
      }),
    );
    const transcripts = await Promise.all(working);
    progress.finish();
    return transcripts;
  } catch (error) {
    if (hooks.signal?.aborted === true) {
      throw new ScriptoriumError('cancelled', `${input.name} was cancelled`, { cause: error });
    }
    throw error;
  } finally {
    stop.abort(new ScriptoriumError('cancelled', 'finished'));
    // One that is given up while it opens may never open: a pipe can stay silent.
    if (audio === undefined) opening.then((late) => late.close()).catch(() => {});
    else await audio.close();
  }
}

interface ChannelHooks {
  readonly onSegment: (segment: TranscriptSegment) => void;
  readonly onProgress: (segment: Segment, share: number) => void;
  readonly onDone: (until: Samples) => void;
}

async function transcribeOne(
  blocks: AsyncIterable<Float32Array>,
  channel: number,
  named: boolean,
  request: TranscribeRequest,
  started: Promise<Engine>,
  vad: Vad,
  signal: AbortSignal,
  hooks: ChannelHooks,
): Promise<Transcript> {
  const stream = findSegments(blocks, vad);
  const segments: TranscriptSegment[] = [];
  const { first, items } = firstAhead(stream);
  const [engine] = await Promise.all([started, first]);
  const options = {
    engine,
    decode: decodeOptions(request),
    previousText: request.previousText,
    signal,
    onProgress: hooks.onProgress,
  };
  for await (const { segment, result } of transcribeChannel(items, options)) {
    for (const piece of segmentsOf(segment, result)) {
      segments.push(piece);
      hooks.onSegment(piece);
    }
    hooks.onDone(samples(segment.start + segment.pcm.length));
  }
  const { total } = stream.ledger();
  hooks.onDone(total);
  const { language, task } = request;
  const place = named ? { channel } : {};
  return stitch(segments, { language, task, duration: samplesToMillis(total), ...place });
}

function decodeOptions(request: TranscribeRequest): DecodeOptions {
  const { channels: _channels, previousText: _previousText, ...options } = request;
  return options;
}

async function* counted(
  blocks: AsyncIterable<readonly Float32Array[]>,
  count: (samples: number) => void,
  signal: AbortSignal,
): AsyncGenerator<readonly Float32Array[], void, undefined> {
  for await (const block of blocks) {
    count(block[0]?.length ?? 0);
    signal.throwIfAborted();
    yield block;
  }
  signal.throwIfAborted();
}
