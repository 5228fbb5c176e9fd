import type { LiveTurns, Samples, Vad, VadStream } from '../../core/index.ts';
import { fromPcm16, samples } from '../../core/index.ts';
import { VAD_FRAME_SAMPLES } from '../../core/ports/vad.ts';
import { createUtterances, type SpeechChange, type SpokenBefore, type SpokenUtterance } from './utterances.ts';

/** Listens to a session's samples for speech; calls follow each other. */
export interface LiveEar {
  /** @param pcm 16 kHz, behind what was pushed before. */
  push(pcm: Int16Array): Promise<readonly SpeechChange[]>;
  /** Words up to there are told for good: see `Utterances.settled`. */
  settled(to: Samples): void;
  /** Ends the utterance that is being spoken, with all that was pushed. */
  cut(): Promise<readonly SpeechChange[]>;
  /** So many samples are missing: ends the utterance, and goes on behind them with nothing in mind. */
  gap(length: Samples): Promise<readonly SpeechChange[]>;
  update(turns: LiveTurns): void;
  open(): SpokenUtterance | undefined;
}

/**
 * @param vad asked for the frames of each push together.
 * @param before of a session that another heard so far: what is pushed first begins at its `position`.
 */
export function openLiveEar(vad: Vad, turns: LiveTurns, before?: SpokenBefore): LiveEar {
  const utterances = createUtterances(turns, before);
  let stream: VadStream = vad.open();
  let position: number = before?.position ?? 0;
  /** Less than a frame. */
  let rest = new Int16Array(0);

  function cut(): readonly SpeechChange[] {
    return utterances.cut(samples(position));
  }
  return {
    async push(pcm) {
      position += pcm.length;
      const all = new Int16Array(rest.length + pcm.length);
      all.set(rest);
      all.set(pcm, rest.length);
      const length = all.length - (all.length % VAD_FRAME_SAMPLES);
      rest = all.slice(length);
      if (length === 0) return [];
      return utterances.push(await stream.push(fromPcm16(all.subarray(0, length))));
    },
    settled: (to) => utterances.settled(to),
    cut: async () => cut(),
    async gap(length) {
      const changes = cut();
      position += length;
      rest = new Int16Array(0);
      stream = vad.open();
      utterances.moveTo(samples(position));
      return changes;
    },
    update: (changed) => utterances.update(changed),
    open: () => utterances.open(),
  };
}
