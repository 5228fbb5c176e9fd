/** Full scale of 16 bits. */
const FULL_SCALE = 32_768;

function rounded(sample: number): number {
  // `Math.round` takes twice as long.
  const value = Math.floor(sample * FULL_SCALE + 0.5);
  return value < -FULL_SCALE ? -FULL_SCALE : value >= FULL_SCALE ? FULL_SCALE - 1 : value;
}

/** Samples as 16 bits, rounded; what is beyond full scale is cut off. Written into `out` from `at` on, if that is given. */
export function toPcm16(pcm: Float32Array, out = new Int16Array(pcm.length), at = 0): Int16Array {
  // A plain loop: `from` with a function takes ten times as long.
  for (let i = 0; i < pcm.length; i++) out[at + i] = rounded(pcm[i] ?? 0);
  return out;
}

/** Samples as 16 bits would give them back, written into `out` from `at` on. */
export function roundToPcm16(pcm: Float32Array, out: Float32Array, at: number): void {
  for (let i = 0; i < pcm.length; i++) out[at + i] = rounded(pcm[i] ?? 0) / FULL_SCALE;
}

/** Samples of 16 bits as values in [-1, 1). */
export function fromPcm16(pcm: Int16Array): Float32Array {
  const out = new Float32Array(pcm.length);
  for (let i = 0; i < pcm.length; i++) out[i] = (pcm[i] ?? 0) / FULL_SCALE;
  return out;
}
