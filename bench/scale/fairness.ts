/**
 * Jain's index of fairness: 1 when all have the same, 1/n when one of n has all (Jain, Chiu and Hawe, 1984). 1 for nobody and for
 * nothing.
 */
export function jainIndex(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share ** 2, 0);
  return squares === 0 ? 1 : sum ** 2 / (shares.length * squares);
}
