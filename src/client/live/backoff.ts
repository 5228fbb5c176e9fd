const FIRST_MS = 250;
const LONGEST_MS = 8000;

/** Doubles from a quarter of a second to eight; half of it by chance, so that many clients do not come back at once. */
export function retryDelay(attempt: number, random: () => number): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return most / 2 + (most / 2) * random();
}
