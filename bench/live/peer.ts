/** The policy of whisper_streaming over faster-whisper, with the same weights and sound, beside one session of ours. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { quantile } from '../measure/statistics.ts';
import { errorRate, wordErrors } from '../score/word-errors.ts';
import { installPeers } from '../sides/install.ts';
import type { Stream } from './streams.ts';

const STREAMING = fileURLToPath(new URL('../peers/streaming.py', import.meta.url));
const THREADS = '2';
const Answer = z.object({ settled: z.array(z.number()), text: z.string() });

/** Times in milliseconds, from the end of a word. */
export interface PeerResult {
  readonly settled50: number;
  readonly settled95: number;
  readonly wordErrors: number;
}

/** @param home where peers are kept, and the sound is put. @param python a Python 3.11 or newer. */
export async function measurePeer(
  home: string,
  python: string,
  { pcm, reference }: Pick<Stream, 'pcm' | 'reference'>,
): Promise<PeerResult> {
  const { fasterWhisper, fasterWhisperModel } = await installPeers(home, python, true);
  const sound = join(home, 'stream.s16');
  writeFileSync(sound, new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength));
  const { stdout } = await promisify(execFile)(fasterWhisper, [STREAMING, fasterWhisperModel, THREADS, sound]);
  const { settled, text } = Answer.parse(JSON.parse(stdout));
  return {
    settled50: quantile(settled, 0.5),
    settled95: quantile(settled, 0.95),
    wordErrors: errorRate(wordErrors(reference, text)),
  };
}
