/** Samples that the worklet hands over at once: 375 messages a second would be one for each block of a browser. */
const BATCH = 1024;

export const WORKLET_NAME = 'scriptorium-microphone';

/** The program of the audio thread: the first channel of what comes in, in batches. It runs from a Blob's address. */
export const WORKLET_SOURCE = `registerProcessor('${WORKLET_NAME}', class extends AudioWorkletProcessor {
  batch = new Float32Array(${String(BATCH)});
  filled = 0;
  process([[channel]]) {
    for (const value of channel ?? []) {
      this.batch[this.filled++] = value;
      if (this.filled < this.batch.length) continue;
      this.port.postMessage(this.batch, [this.batch.buffer]);
      this.batch = new Float32Array(${String(BATCH)});
      this.filled = 0;
    }
    return true;
  }
});`;
