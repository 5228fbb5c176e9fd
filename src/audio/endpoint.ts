import { MAX_SEGMENT_SAMPLES, millis, millisToSamples, samples, type Samples, type SpeechSpan } from '../core/index.ts';
import { VAD_FRAME_SAMPLES } from '../core/ports/vad.ts';

/** When speech begins and ends. Lengths are rounded up to whole VAD frames (32 ms). */
export interface EndpointRules {
  /** Speech begins at a probability of at least this. */
  readonly onset: number;
  /** Speech goes on until the probability falls under this; at most `onset`. */
  readonly offset: number;
  /** A pause shorter than this does not end a span. */
  readonly minSilence: Samples;
  /** A span with less voice than this is no speech. */
  readonly minSpeech: Samples;
  /** Audio kept on both sides of a span; a pause too short for both is halved. */
  readonly padding: Samples;
  /** A span whose voice lasts longer is split where speech is least probable. */
  readonly maxSpeech: Samples;
}

/**
 * For files. Onset and offset are those of Silero's own reference code; pauses are found from 160 ms, so that there is
 * a choice of places to cut, and are then narrowed by the padding that Whisper needs to hear first and last sounds.
 */
export const FILE_ENDPOINT_RULES: EndpointRules = {
  onset: 0.5,
  offset: 0.35,
  minSilence: millisToSamples(millis(160)),
  minSpeech: millisToSamples(millis(96)),
  padding: millisToSamples(millis(300)),
  maxSpeech: millisToSamples(millis(27_000)),
};

/** A span with its padding, and the voice inside it: `start <= voice.start < voice.end <= end`. */
export interface FoundSpan extends SpeechSpan {
  readonly voice: SpeechSpan;
}

export interface SpanFinder {
  /** @param probabilities one a frame, following those of the last call. @returns the spans settled by them. */
  push(probabilities: Float32Array): readonly FoundSpan[];
  /** @param total how long the channel is; no span reaches beyond. @returns the last spans. */
  end(total: Samples): readonly FoundSpan[];
  /** No span still to come starts before this sample. */
  horizon(): Samples;
}

/** A span whose voice has ended but whose padding may still meet the next. */
interface Closing {
  readonly start: number;
  readonly voiceStart: number;
  readonly voiceEnd: number;
}

/**
 * Turns speech probabilities into spans, ascending, never overlapping (they may touch). States: silence; speech, since
 * `voiceStart`; a pause, since `lastVoice`, that may yet be too short to count. Pure: no clock, no I/O.
 */
export function findSpans(rules: EndpointRules = FILE_ENDPOINT_RULES): SpanFinder {
  let frame = 0;
  let voiceStart: number | undefined;
  let lastVoice = 0;
  /** Probabilities since `voiceStart`, for a split; at most `maxSpeech` long. */
  let run: number[] = [];
  let closing: Closing | undefined;
  /** Where the last settled span ended. */
  let floor = 0;
  let found: FoundSpan[] = [];
  const maxSpeech = Math.min(rules.maxSpeech, MAX_SEGMENT_SAMPLES - 2 * rules.padding);

  const frameStart = (index: number): number => index * VAD_FRAME_SAMPLES;
  const paddedStart = (voice: number): number => Math.max(floor, voice - rules.padding);

  function settle(end: number): void {
    if (closing === undefined) return;
    const { start, voiceStart: from, voiceEnd: to } = closing;
    found.push({ start: samples(start), end: samples(end), voice: { start: samples(from), end: samples(to) } });
    floor = end;
    closing = undefined;
  }

  /** The closing span is followed by a voice from `next` on. */
  function settleBefore(next: number): void {
    if (closing !== undefined) settle(Math.min(closing.voiceEnd + rules.padding, middle(closing.voiceEnd, next)));
  }

  /** Ends the voice at `to`; it becomes the closing span, and the one before it is settled. */
  function close(from: number, to: number): void {
    if (to - from < rules.minSpeech) return;
    settleBefore(from);
    closing = { start: paddedStart(from), voiceStart: from, voiceEnd: to };
  }

  function split(from: number): void {
    const at = leastProbable(run);
    close(from, from + frameStart(at));
    voiceStart = from + frameStart(at);
    run = run.slice(at);
  }

  function step(probability: number): void {
    const now = frameStart(frame);
    const end = now + VAD_FRAME_SAMPLES;
    frame++;
    if (voiceStart === undefined) {
      if (probability >= rules.onset) {
        voiceStart = now;
        lastVoice = end;
        run = [probability];
      } else if (closing !== undefined && end - closing.voiceEnd >= 2 * rules.padding) {
        settle(closing.voiceEnd + rules.padding);
      }
      return;
    }
    run.push(probability);
    const speaks = probability >= (lastVoice === now ? rules.offset : rules.onset);
    if (speaks) {
      lastVoice = end;
      if (end - voiceStart >= rules.minSpeech) settleBefore(voiceStart);
    } else if (end - lastVoice >= rules.minSilence) {
      close(voiceStart, lastVoice);
      voiceStart = undefined;
      run = [];
      return;
    }
    if (end - voiceStart >= maxSpeech) split(voiceStart);
  }

  function take(): readonly FoundSpan[] {
    const spans = found;
    found = [];
    return spans;
  }

  return {
    push(probabilities) {
      for (const probability of probabilities) step(probability);
      return take();
    },
    end(total) {
      if (voiceStart !== undefined) close(voiceStart, Math.min(lastVoice, total));
      voiceStart = undefined;
      if (closing !== undefined) settle(Math.min(closing.voiceEnd + rules.padding, total));
      return take();
    },
    horizon() {
      if (closing !== undefined) return samples(closing.start);
      return samples(paddedStart(voiceStart ?? frameStart(frame)));
    },
  };
}

function middle(a: number, b: number): number {
  return Math.floor((a + b) / 2);
}

/** The frame in the later half where speech is least probable, never the first or the last. */
function leastProbable(run: readonly number[]): number {
  let best = run.length - 1;
  for (let i = run.length - 2; i >= Math.max(1, run.length >> 1); i--) {
    if ((run[i] ?? 1) < (run[best] ?? 1)) best = i;
  }
  return Math.max(1, best);
}
