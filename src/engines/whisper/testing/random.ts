/** Numbers that look random and are the same every time: mulberry32. @returns a function that gives values in [0, 1). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const GAUSS_POOL = 8192;

/** Draws from a normal distribution of deviation 1, out of a pool: fast enough for millions of weights. */
export function seededGauss(seed: number): () => number {
  const random = seededRandom(seed);
  const pool = Float32Array.from(
    { length: GAUSS_POOL },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
  return () => pool[Math.floor(random() * GAUSS_POOL)] ?? 0;
}
