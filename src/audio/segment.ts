import {
  MAX_SEGMENT_SAMPLES,
  millis,
  millisToSamples,
  samples,
  type Samples,
  type Segment,
  type SpeechSpan,
} from '../core/index.ts';
import type { FoundSpan } from './endpoint.ts';
import { createPcmBuffer } from './pcm-buffer.ts';

export interface SegmentRules {
  /** Spans are packed into segments of at most this; only a single span may be longer. */
  readonly target: Samples;
  /** A pause is a good place to cut when the segment before it fills at least this part of `target`. */
  readonly minFill: number;
}

/**
 * Whisper hears words better the more it hears around them: segments as long as fit beside the window's tail, and cut late
 * (`docs/architecture.md` has the trials).
 */
export const DEFAULT_SEGMENT_RULES: SegmentRules = { target: millisToSamples(millis(28_000)), minFill: 0.75 };

export interface Segmenter {
  /** Takes the next samples of the channel. */
  audio(pcm: Float32Array): void;
  /**
   * Takes the next spans; their samples must have come before. @param horizon no later span starts before this sample.
   * @returns the segments that are complete by now.
   */
  spans(found: readonly FoundSpan[], horizon: Samples): readonly Segment[];
  /** The rest. */
  end(): readonly Segment[];
  /** Samples held at this moment: at most a segment, the horizon's delay and the last block. */
  buffered(): Samples;
}

/**
 * Packs spans into segments that end in the longest pause of their later part. Segments ascend, never overlap, hold
 * every sample of every span exactly once and nothing of the silence between them.
 */
export function createSegmenter(rules: SegmentRules = DEFAULT_SEGMENT_RULES): Segmenter {
  const buffer = createPcmBuffer();
  let waiting: FoundSpan[] = [];

  function cut(count: number): Segment {
    const spans = waiting.slice(0, count);
    waiting = waiting.slice(count);
    const start = spans[0]?.start ?? samples(0);
    const end = spans.at(-1)?.end ?? start;
    const relative = (at: Samples): Samples => samples(at - start);
    const speech: SpeechSpan[] = spans.map((span) => ({ start: relative(span.start), end: relative(span.end) }));
    return { start, pcm: buffer.slice(start, end), speech };
  }

  /** Cuts while the waiting spans, or anything that may still follow them, cannot share one segment. */
  function drain(horizon: number): readonly Segment[] {
    const segments: Segment[] = [];
    for (;;) {
      const [first, ...rest] = waiting;
      if (first === undefined) break;
      const limit = first.start + Math.min(rules.target, MAX_SEGMENT_SAMPLES);
      const overflows = rest.some((span) => span.end > limit);
      if (!overflows && horizon < limit) break;
      segments.push(cut(overflows ? bestCut(waiting, limit, rules) : waiting.length));
    }
    return segments;
  }

  return {
    audio: (pcm) => buffer.append(pcm),
    spans(found, horizon) {
      waiting.push(...found);
      const segments = drain(horizon);
      buffer.dropBefore(Math.min(waiting[0]?.start ?? horizon, horizon));
      return segments;
    },
    end() {
      const segments = drain(Number.POSITIVE_INFINITY);
      buffer.dropBefore(buffer.end());
      return segments;
    },
    buffered: () => samples(buffer.end() - buffer.start()),
  };
}

/** How many of the spans go into the segment that must end by `limit`: up to the longest pause in its later part. */
function bestCut(spans: readonly FoundSpan[], limit: number, rules: SegmentRules): number {
  const enough = (spans[0]?.start ?? 0) + rules.target * rules.minFill;
  let best = 1;
  let longest = -1;
  for (const [index, span] of spans.entries()) {
    const next = spans[index + 1];
    if (next === undefined || span.end > limit) break;
    const pause = next.voice.start - span.voice.end;
    if (span.end < enough) best = index + 1;
    else if (pause >= longest) {
      best = index + 1;
      longest = pause;
    }
  }
  return best;
}
