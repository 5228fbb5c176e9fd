/** Full scale of 16 bits. */
const FULL_SCALE = 32_768;

/** Samples as 16 bits, rounded; what is beyond full scale is cut off. */
export function toPcm16(pcm: Float32Array): Int16Array {
  const out = new Int16Array(pcm.length);
  // A plain loop: `from` with a function takes ten times as long, and `Math.round` twice as long as `Math.floor`.
  for (let i = 0; i < pcm.length; i++) {
    const value = Math.floor((pcm[i] ?? 0) * FULL_SCALE + 0.5);
    out[i] = value < -FULL_SCALE ? -FULL_SCALE : value >= FULL_SCALE ? FULL_SCALE - 1 : value;
  }
  return out;
}

/** Samples of 16 bits as values in [-1, 1). */
export function fromPcm16(pcm: Int16Array): Float32Array {
  const out = new Float32Array(pcm.length);
  for (let i = 0; i < pcm.length; i++) out[i] = (pcm[i] ?? 0) / FULL_SCALE;
  return out;
}
