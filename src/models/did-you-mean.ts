/** At most this many edits away still counts as a slip of the keyboard. */
const MAX_EDITS = 3;
const MAX_SUGGESTIONS = 3;

/** Names near `wanted`, nearest first: few edits apart, or one inside the other. */
export function nearNames(wanted: string, names: readonly string[]): readonly string[] {
  const lower = wanted.toLowerCase();
  return names
    .map((name) => ({ name, edits: name.includes(lower) && lower.length > 2 ? 0.5 : editDistance(lower, name) }))
    .filter(({ name, edits }) => edits <= Math.min(MAX_EDITS, name.length / 2))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name);
}

/** Letters to add, drop, change or swap with their neighbour (Damerau's distance, restricted). */
function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    before = above;
    above = current;
  }
  return above[to.length] ?? 0;
}
