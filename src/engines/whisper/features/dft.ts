/**
 * The 400-point DFT of Whisper's spectrogram (`whisper/audio.py`: N_FFT 400, HOP_LENGTH 160), folded: a frame's even part meets
 * the cosines and its odd part the sines, which halves the work of a plain matrix product.
 */

/** Samples in a frame. */
export const FRAME = 400;
/** Samples from one frame to the next: 10 ms. */
export const HOP = 160;
/** Rows of a folded frame: sample n and sample 400 - n, for n from 1 to 200. */
export const HALF_FRAME = FRAME / 2;
/** Frequencies from 0 to 8 kHz. */
export const BINS = FRAME / 2 + 1;

function kernel(wave: (angle: number) => number): Float32Array {
  const values = new Float32Array(HALF_FRAME * BINS);
  for (let row = 0; row < HALF_FRAME; row++) {
    for (let bin = 0; bin < BINS; bin++) {
      // The product is taken modulo the period first: cos and sin of large angles lose digits.
      values[row * BINS + bin] = wave((2 * Math.PI * (((row + 1) * bin) % FRAME)) / FRAME);
    }
  }
  return values;
}

/** Shape [200, 201]: cosines for the even parts; row n - 1 belongs to sample n. */
export const realKernel = (): Float32Array => kernel(Math.cos);

/** Shape [200, 201]: sines for the odd parts; the last row, sample 200, is zero. */
export const imaginaryKernel = (): Float32Array => kernel(Math.sin);

/** The periodic Hann window that PyTorch's `hann_window(400)` gives. */
export function hannWindow(): Float64Array {
  return Float64Array.from({ length: FRAME }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / FRAME));
}
