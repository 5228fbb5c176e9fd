/** One person at a microphone: a socket whose sound is sent as time passes, and what came back when. */
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { Stream } from './streams.ts';

const Message = z.looseObject({ type: z.string(), code: z.string().optional() });
const At = z.object({ segment: z.number().optional(), at_ms: z.number() });
const Text = z.object({
  segment: z.number(),
  rev: z.number().optional(),
  text: z.string(),
  stable: z.number().optional(),
});
const Words = z.object({ words: z.array(z.object({ w: z.string(), end_ms: z.number() })).optional() });

const FRAME_SAMPLES = 1600;
const RATE = 16_000;
/** What the server waits for before it calls an utterance ended, and takes from before the voice: its defaults. */
const SILENCE_MS = 500;
const PREFIX_MS = 300;

export interface Spoken {
  /** Milliseconds from the end of speech to the final, of each utterance with text. */
  readonly finals: readonly number[];
  /** From the start of speech to the first text. */
  readonly firsts: readonly number[];
  /** Between texts of one utterance. */
  readonly gaps: readonly number[];
  /** From the end of a word to when it was settled. */
  readonly settled: readonly number[];
  /** Settled words that a later text does not begin with. */
  readonly takenBack: number;
  readonly text: string;
  readonly ended: unknown;
  /** How late the sound was sent at worst. */
  readonly slip: number;
}

/**
 * @param startAt when the first sample is spoken, on `performance.now()`.
 * @returns undefined when the server was too busy for another session.
 */
export function speak(url: string, { pcm }: Stream, startAt: number): Promise<Spoken | undefined> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/live`, 'stt.live.v1');
    const finals: number[] = [];
    const firsts: number[] = [];
    const gaps: number[] = [];
    const settled: number[] = [];
    const texts: string[] = [];
    const stable = new Map<number, { text: string; words: number }>();
    let voiceAt = 0;
    const silentAt: number[] = [];
    let shownAt: number | undefined;
    let takenBack = 0;
    let slip = 0;
    let ended: unknown;

    function send(from: number): void {
      if (from >= pcm.length) {
        socket.send(JSON.stringify({ type: 'end' }));
        return;
      }
      const frame = pcm.subarray(from, from + FRAME_SAMPLES);
      const due = startAt + ((from + frame.length) * 1000) / RATE;
      setTimeout(
        () => {
          slip = Math.max(slip, performance.now() - due);
          socket.send(new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength));
          send(from + frame.length);
        },
        Math.max(0, due - performance.now()),
      );
    }

    function hear(text: string): void {
      const now = performance.now() - startAt;
      const message = Message.parse(JSON.parse(text));
      switch (message.type) {
        case 'started':
          send(0);
          return;
        case 'speech_start':
          voiceAt = At.parse(message).at_ms + PREFIX_MS;
          shownAt = undefined;
          return;
        case 'speech_end':
          silentAt.push(At.parse(message).at_ms - SILENCE_MS);
          return;
        case 'partial': {
          const partial = Text.parse(message);
          if (partial.text === '') return;
          if (shownAt === undefined) firsts.push(now - voiceAt);
          else gaps.push(now - shownAt);
          shownAt = now;
          const before = stable.get(partial.segment) ?? { text: '', words: 0 };
          const fixed = Array.from(partial.text)
            .slice(0, partial.stable ?? 0)
            .join('');
          if (!partial.text.startsWith(before.text)) takenBack++;
          const count = fixed.split(' ').filter((word) => word !== '').length;
          for (const { end_ms } of (Words.parse(message).words ?? []).slice(before.words, count))
            settled.push(now - end_ms);
          stable.set(partial.segment, { text: fixed, words: count });
          return;
        }
        case 'final': {
          const final = Text.parse(message);
          const end = silentAt.shift() ?? 0;
          if (!final.text.startsWith(stable.get(final.segment)?.text ?? '')) takenBack++;
          if (final.text === '') return;
          texts.push(final.text);
          finals.push(now - end);
          return;
        }
        case 'ended':
          ended = message;
          return;
        case 'error':
          if (message.code === 'server-busy') resolve(undefined);
          else reject(new Error(text));
      }
    }

    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'start', audio: { encoding: 'pcm_s16le', sample_rate: RATE, channels: 1 } }));
    });
    socket.on('message', (data: Buffer) => hear(data.toString('utf8')));
    socket.on('error', reject);
    socket.on('close', () => {
      if (ended === undefined) reject(new Error('the session ended early'));
      else resolve({ finals, firsts, gaps, settled, takenBack, text: texts.join(' '), ended, slip });
    });
  });
}
