/** Finds speech: a stateful stream of verdicts over one channel of 16 kHz audio. */

/** How many samples one verdict covers: 32 ms. */
export const VAD_FRAME_SAMPLES = 512;

export interface VadStream {
  /**
   * @param frames Float32Array of shape [n * 512], mono, 16 kHz, in order and without gaps.
   * @returns n probabilities in [0, 1] that somebody speaks, one a frame.
   */
  push(frames: Float32Array): Promise<Float32Array>;
}

export interface Vad extends AsyncDisposable {
  /** A fresh stream: no memory of any other. */
  open(): VadStream;
}
