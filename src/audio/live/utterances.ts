import type { LiveTurns, Samples, SpeechSpan } from '../../core/index.ts';
import { MAX_SEGMENT_SAMPLES, millis, millisToSamples, samples } from '../../core/index.ts';
import { VAD_FRAME_SAMPLES } from '../../core/ports/vad.ts';

/** What is found in a session's sound, in order. Utterances are numbered 0, 1, 2, …, ascend and never overlap. */
export type SpeechChange =
  | { readonly type: 'start'; readonly utterance: number; readonly at: Samples }
  | {
      readonly type: 'end';
      readonly utterance: number;
      readonly from: Samples;
      readonly to: Samples;
      /** Where it was decided. */
      readonly at: Samples;
      /** Where somebody speaks, in samples from `from`. */
      readonly spans: readonly SpeechSpan[];
    };

/** An utterance that is being spoken. */
export interface SpokenUtterance {
  readonly utterance: number;
  readonly from: Samples;
  /** In samples from `from`, as far as they were heard. */
  readonly spans: readonly SpeechSpan[];
  /** Where it ends if the pause that it is in is its end; undefined while somebody speaks or has just spoken. */
  readonly to?: Samples;
}

/**
 * Finds utterances in probabilities of speech, one a frame of 32 ms. Pure: the same for any cut of the same sound.
 *
 * ```
 * silence ──voice for 96 ms──▶ speech ──a pause of `silence` (vad), a good pause late──▶ silence
 *                                │  └──`longest` is reached──▶ speech      cut at the best place behind what is settled
 *                                └──cut, gap──▶ silence
 * ```
 */
export interface Utterances {
  push(probabilities: Float32Array): readonly SpeechChange[];
  /** Words up to there are told for good: speech that grows too long is not cut before, for they would be heard twice. */
  settled(to: Samples): void;
  /** Ends the utterance that is being spoken. @param now how much was heard. */
  cut(now: Samples): readonly SpeechChange[];
  /** Goes on at this position, in silence; whatever was being spoken is to be cut before. */
  moveTo(position: Samples): void;
  update(turns: LiveTurns): void;
  open(): SpokenUtterance | undefined;
}

/** Where a session goes on that was heard by another before. */
export interface SpokenBefore {
  /** Of the first frame that is pushed. Frames before `from` only tell how the sound came to be what it is there. */
  readonly position: Samples;
  /** Nothing before is part of an utterance that begins now. */
  readonly from: Samples;
  /** Number of the next utterance. */
  readonly next: number;
  /** Whether the utterance before it has begun at `from` and not ended. */
  readonly isSpeaking: boolean;
}

/** Shorter sounds are no speech: clicks, a breath. */
const MIN_VOICE = millisToSamples(millis(96));
/** Speech goes on until the probability falls so far under the threshold (Silero's own reference code). */
const HYSTERESIS = 0.15;
/** Kept behind the voice: Whisper needs to hear last sounds. */
const PADDING = millisToSamples(millis(300));
/** A pause that speech may be cut in. */
const GOOD_PAUSE = millisToSamples(millis(160));
/** From so much of the longest on, an utterance is cut at the next good pause: while it comes, nothing behind it was told yet. */
const LATE = 0.75;

/** A stretch of voice, in samples of the session. */
interface Voice {
  readonly from: number;
  to: number;
}

interface Speaking {
  readonly utterance: number;
  readonly from: number;
  /** Ascending; the last may go on. */
  readonly voices: Voice[];
  /** Probability of each frame since `from`'s frame. */
  readonly frames: number[];
  readonly firstFrame: number;
}

const FROM_THE_START: SpokenBefore = { position: samples(0), from: samples(0), next: 0, isSpeaking: false };

export function createUtterances(first: LiveTurns, before: SpokenBefore = FROM_THE_START): Utterances {
  let turns = first;
  /** Frames are counted from here. */
  let origin: number = before.position;
  let at: number = before.position;
  let { next } = before;
  /** Where the last utterance ended. */
  let floor: number = before.from;
  /** Voice that is not long enough yet to be speech. */
  let pending: Voice | undefined;
  let pendingFrames: number[] = [];
  let speaking = before.isSpeaking ? spokenSince(before, turns) : undefined;
  let isVoice = false;
  let settledTo = 0;

  const longest = (): number => Math.min(millisToSamples(turns.longest), MAX_SEGMENT_SAMPLES - PADDING);

  function spansOf({ from, voices }: Speaking, to: number): readonly SpeechSpan[] {
    return voices
      .filter((voice) => voice.from < to)
      .map((voice) => ({
        start: samples(Math.max(0, voice.from - from)),
        end: samples(Math.max(voice.from + 1, Math.min(voice.to, to)) - from),
      }));
  }

  function endAt(one: Speaking, to: number): SpeechChange {
    floor = to;
    return {
      type: 'end',
      utterance: one.utterance,
      from: samples(one.from),
      to: samples(to),
      at: samples(at),
      spans: spansOf(one, to),
    };
  }

  /** Where it ends if nothing follows. */
  const endOf = (one: Speaking, now: number): number => Math.min(now, voiceEnd(one) + PADDING);

  const voiceEnd = ({ voices, from }: Speaking): number => voices.at(-1)?.to ?? from;

  /** Begins an utterance with the voice that is pending. */
  function begin(voice: Voice, frames: readonly number[]): SpeechChange {
    const from = Math.max(floor, voice.from - millisToSamples(turns.prefix), origin);
    speaking = { utterance: next++, from, voices: [voice], frames: [...frames], firstFrame: voice.from };
    return { type: 'start', utterance: speaking.utterance, at: samples(from) };
  }

  /** It has grown too long: ends at the best place of its later part, and what is behind goes on as the next. */
  function split(one: Speaking): SpeechChange[] {
    const to = bestCut(one);
    const behind = one.voices.filter((voice) => voice.to > to);
    const frames = one.frames.slice(Math.max(0, Math.ceil((to - one.firstFrame) / VAD_FRAME_SAMPLES)));
    const ended = endAt(one, to);
    const [head] = behind;
    if (head === undefined) {
      speaking = undefined;
      return [ended];
    }
    const from = Math.max(to, head.from - millisToSamples(turns.prefix));
    const voices = behind.map((voice) => ({ from: Math.max(voice.from, to), to: voice.to }));
    speaking = { utterance: next++, from, voices, frames, firstFrame: at - frames.length * VAD_FRAME_SAMPLES };
    return [ended, { type: 'start', utterance: speaking.utterance, at: samples(from) }];
  }

  /** In the longest pause of the later half that is behind what is settled; without one, where speech is least probable. */
  function bestCut(one: Speaking): number {
    const earliest = Math.min(at, Math.max(one.from + (at - one.from) / 2, settledTo));
    let best: number | undefined;
    let longestPause = GOOD_PAUSE - 1;
    for (const [index, voice] of one.voices.entries()) {
      const after = one.voices[index + 1]?.from ?? at;
      const pause = after - voice.to;
      if (voice.to < earliest || pause <= longestPause) continue;
      longestPause = pause;
      best = Math.floor(Math.min(voice.to + PADDING, voice.to + pause / 2));
    }
    if (best !== undefined) return best;
    const start = Math.max(0, Math.ceil((earliest - one.firstFrame) / VAD_FRAME_SAMPLES));
    let least = start;
    for (let i = start; i < one.frames.length - 1; i++) {
      if ((one.frames[i] ?? 1) < (one.frames[least] ?? 1)) least = i;
    }
    return Math.min(at, one.firstFrame + Math.max(1, least) * VAD_FRAME_SAMPLES);
  }

  function speak(one: Speaking, probability: number, began: number): SpeechChange[] {
    one.frames.push(probability);
    const last = one.voices.at(-1);
    if (isVoice) {
      if (last !== undefined && last.to === began) last.to = at;
      else one.voices.push({ from: began, to: at });
    }
    const pause = at - voiceEnd(one);
    const length = at - one.from;
    const isTurn = turns.mode === 'vad' && pause >= millisToSamples(turns.silence);
    const isOver = isTurn || (length >= longest() * LATE && pause >= GOOD_PAUSE);
    if (isOver) {
      speaking = undefined;
      return [endAt(one, endOf(one, at))];
    }
    return length >= longest() ? split(one) : [];
  }

  function listen(probability: number, began: number): SpeechChange[] {
    if (!isVoice) {
      pending = undefined;
      return [];
    }
    if (pending === undefined) pendingFrames = [];
    pending ??= { from: began, to: at };
    pending.to = at;
    pendingFrames.push(probability);
    if (pending.to - pending.from < MIN_VOICE) return [];
    const voice = pending;
    pending = undefined;
    return [begin(voice, pendingFrames)];
  }

  return {
    push(probabilities) {
      const changes: SpeechChange[] = [];
      for (const probability of probabilities) {
        const began = at;
        at += VAD_FRAME_SAMPLES;
        isVoice = probability >= (isVoice ? turns.threshold - HYSTERESIS : turns.threshold);
        if (began < before.from) continue;
        changes.push(...(speaking === undefined ? listen(probability, began) : speak(speaking, probability, began)));
      }
      return changes;
    },
    settled(to) {
      settledTo = Math.max(settledTo, to);
    },
    cut(now) {
      const one = speaking;
      speaking = undefined;
      pending = undefined;
      isVoice = false;
      if (one === undefined) return [];
      const decided = at;
      at = now;
      const change = endAt(one, Math.max(one.from + 1, endOf(one, now)));
      at = decided;
      return [change];
    },
    moveTo(position) {
      origin = position;
      at = position;
      floor = Math.max(floor, position);
      speaking = undefined;
      pending = undefined;
      isVoice = false;
    },
    update(changed) {
      turns = changed;
    },
    open() {
      if (speaking === undefined) return undefined;
      const { utterance, from } = speaking;
      const to = endOf(speaking, at);
      const spoken = { utterance, from: samples(from), spans: spansOf(speaking, at) };
      return to < at ? { ...spoken, to: samples(to) } : spoken;
    },
  };
}

/** An utterance that another heard begin: the voice that it began with comes where its prefix ends. */
function spokenSince({ from, next }: SpokenBefore, { prefix }: LiveTurns): Speaking {
  return {
    utterance: next - 1,
    from,
    voices: [{ from, to: from + millisToSamples(prefix) }],
    frames: [],
    firstFrame: from,
  };
}
