import { FRAME, HALF_FRAME, HOP, hannWindow } from './dft.ts';

export interface FoldedFrames {
  /** How many frames; even. */
  readonly count: number;
  /** Shape [count, 200]: windowed sample n plus sample 400 - n, n from 1 to 200. */
  readonly even: Float32Array;
  /** Shape [count, 200]: windowed sample n minus sample 400 - n. */
  readonly odd: Float32Array;
}

const WINDOW = hannWindow();

/**
 * Cuts audio into Whisper's frames, one every 10 ms, centred, windowed and folded for the DFT of the encoder graph.
 *
 * @param pcm 16 kHz mono; what lies past its end is silence, what lies before its start is its mirror image, as in
 *   `torch.stft(center=True)`.
 * @param positions encoder positions wanted, of 20 ms each: twice as many frames are made.
 */
export function foldFrames(pcm: Float32Array, positions: number): FoldedFrames {
  const count = positions * 2;
  const even = new Float32Array(count * HALF_FRAME);
  const odd = new Float32Array(count * HALF_FRAME);
  // Frame t spans samples 160 t - 200 to 160 t + 199; its first has weight 0, and 199 pairs stand about its middle.
  const padded = new Float64Array(count * HOP + FRAME);
  padded.set(pcm.subarray(0, Math.min(pcm.length, count * HOP + HALF_FRAME)), HALF_FRAME);
  for (let i = 1; i <= HALF_FRAME; i++) padded[HALF_FRAME - i] = padded[HALF_FRAME + i] ?? 0;
  const end = Math.min(count, Math.ceil((pcm.length + HALF_FRAME) / HOP) + 1);
  for (let t = 0; t < end; t++) {
    const base = t * HOP;
    const out = t * HALF_FRAME;
    for (let n = 1; n < HALF_FRAME; n++) {
      const a = (padded[base + n] ?? 0) * (WINDOW[n] ?? 0);
      const b = (padded[base + FRAME - n] ?? 0) * (WINDOW[FRAME - n] ?? 0);
      even[out + n - 1] = a + b;
      odd[out + n - 1] = a - b;
    }
    even[out + HALF_FRAME - 1] = (padded[base + HALF_FRAME] ?? 0) * (WINDOW[HALF_FRAME] ?? 0);
  }
  return { count, even, odd };
}
