import { roundToPcm16, samples, type Samples, type Segment, type Vad } from '../core/index.ts';
import { VAD_FRAME_SAMPLES } from '../core/ports/vad.ts';
import { FILE_ENDPOINT_RULES, findSpans, type EndpointRules } from './endpoint.ts';
import { DEFAULT_SEGMENT_RULES, createSegmenter, type SegmentRules } from './segment.ts';

/** Frames gathered before the VAD is asked: 8 s, the longest that it takes in one run. */
const BATCH_FRAMES = 256;
const BATCH_SAMPLES = BATCH_FRAMES * VAD_FRAME_SAMPLES;

/** What became of the samples of one channel: `total = kept + silence`, to the sample. */
interface AudioLedger {
  readonly total: Samples;
  /** In segments: speech and the pauses between the spans of one segment. */
  readonly kept: Samples;
  /** In spans of speech, padding included; at most `kept`. */
  readonly speech: Samples;
  /** Handed to no engine. */
  readonly silence: Samples;
}

export interface SegmentStream extends AsyncIterable<Segment> {
  /** The account of what was read so far; final once the iteration has ended. */
  ledger(): AudioLedger;
}

export interface FindSegmentsOptions {
  readonly endpoint?: EndpointRules;
  readonly segment?: SegmentRules;
  /** The samples are as 16 bits give them back: rounding them once more would change nothing, and takes as long as all else here. */
  readonly isRounded?: boolean;
}

/**
 * Finds the speech of one channel and cuts it into segments, reading only as far ahead as the next segment needs. Samples are
 * rounded to 16 bits, as the audio store keeps them, so that a recording has the same words on every path.
 *
 * @param blocks mono, 16 kHz, of any length; kept until their speech is cut, never changed. Iterated once.
 */
export function findSegments(
  blocks: AsyncIterable<Float32Array>,
  vad: Vad,
  options: FindSegmentsOptions = {},
): SegmentStream {
  let total = 0;
  let kept = 0;
  let speech = 0;

  async function* iterate(): AsyncGenerator<Segment, void, undefined> {
    const stream = vad.open();
    const finder = findSpans(options.endpoint ?? FILE_ENDPOINT_RULES);
    const segmenter = createSegmenter(options.segment ?? DEFAULT_SEGMENT_RULES);

    function* count(segments: readonly Segment[]): Generator<Segment> {
      for (const segment of segments) {
        kept += segment.pcm.length;
        speech += segment.speech.reduce((sum, span) => sum + span.end - span.start, 0);
        yield segment;
      }
    }

    for await (const batch of regroup(blocks, BATCH_SAMPLES, options.isRounded === true)) {
      total += batch.length;
      segmenter.audio(batch);
      const found = finder.push(await stream.push(wholeFrames(batch)));
      yield* count(segmenter.spans(found, finder.horizon()));
    }
    yield* count(segmenter.spans(finder.end(samples(total)), finder.horizon()));
    yield* count(segmenter.end());
  }

  return {
    [Symbol.asyncIterator]: iterate,
    ledger: () => ({
      total: samples(total),
      kept: samples(kept),
      speech: samples(speech),
      silence: samples(total - kept),
    }),
  };
}

/** The same samples, rounded, in arrays of exactly `size`; the last may be shorter, never empty, and has zeros behind it in its buffer. */
async function* regroup(
  blocks: AsyncIterable<Float32Array>,
  size: number,
  isRounded: boolean,
): AsyncGenerator<Float32Array> {
  let batch = new Float32Array(0);
  let filled = 0;
  for await (const block of blocks) {
    for (let from = 0; from < block.length;) {
      if (filled === 0) batch = new Float32Array(size);
      const part = block.subarray(from, from + size - filled);
      if (isRounded) batch.set(part, filled);
      else roundToPcm16(part, batch, filled);
      filled += part.length;
      from += part.length;
      if (filled < size) continue;
      yield batch;
      filled = 0;
    }
  }
  if (filled > 0) yield batch.subarray(0, filled);
}

/** A batch with the zeros behind it up to a whole frame. */
const wholeFrames = (batch: Float32Array): Float32Array =>
  new Float32Array(batch.buffer, 0, Math.ceil(batch.length / VAD_FRAME_SAMPLES) * VAD_FRAME_SAMPLES);
