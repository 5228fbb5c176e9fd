import type { Atom } from './atoms.ts';

/** A second line costs this much more than one. */
const LINE_COST = 6;
/** Points for the square of the share of a line that stays empty: short ragged lines read worse. */
const RAGGED_COST = 12;

/** Where the lines of one cue start, behind the first; what they cost together. */
export interface LineBreaks {
  readonly cost: number;
  readonly breaks: readonly number[];
}

/** Atoms with the sums of their columns, so that the width of any stretch is known at once. */
export interface Measured {
  readonly atoms: readonly Atom[];
  /** [atoms + 1] columns of all atoms and gaps before the index. */
  readonly sums: readonly number[];
}

export function measure(atoms: readonly Atom[]): Measured {
  const sums = [0];
  for (const atom of atoms) sums.push((sums.at(-1) ?? 0) + atom.gap.length + atom.columns);
  return { atoms, sums };
}

/** Columns of atoms `from` to `to` (left out) on one line: the gap before the first does not count. */
export const stretchColumns = ({ atoms, sums }: Measured, from: number, to: number): number =>
  (sums[to] ?? 0) - (sums[from] ?? 0) - (atoms[from]?.gap.length ?? 0);

export const stretchText = ({ atoms }: Measured, from: number, to: number): string =>
  atoms
    .slice(from, to)
    .map((atom, i) => (i === 0 ? '' : atom.gap) + atom.text)
    .join('');

interface Tail {
  readonly cost: number;
  /** Where the first line of this tail ends. */
  readonly lineEnd: number;
  readonly rest: Tail | undefined;
}

/**
 * The best lines for every stretch that ends before atom `to`: entry `d` is for the `d` atoms before it, up to the first
 * stretch that does not fit. Best is behind punctuation, before conjunctions, and behind an article only where nothing
 * else fits. One pass serves all stretches: the lines after the first are those of a shorter one.
 */
export function lineBreaksBefore(text: Measured, to: number, width: number, lines: number, most: number): LineBreaks[] {
  const found: LineBreaks[] = [{ cost: 0, breaks: [] }];
  /** `tails[n][d]`: the last `d` atoms on at most `n + 1` lines. */
  const tails: (Tail | undefined)[][] = Array.from({ length: lines }, () => [undefined]);
  for (let from = to - 1; from >= Math.max(0, to - most); from--) {
    const whole = stretchColumns(text, from, to) <= width;
    for (let n = 0; n < lines; n++) tails[n]?.push(bestTail(text, from, to, width, n === 0 ? undefined : tails[n - 1]));
    const best = tails.at(-1)?.[to - from];
    if (best === undefined) break;
    found.push(whole ? { cost: 0, breaks: [] } : { cost: best.cost, breaks: breaksOf(best) });
  }
  return found;
}

function bestTail(
  text: Measured,
  from: number,
  to: number,
  width: number,
  shorter: readonly (Tail | undefined)[] | undefined,
): Tail | undefined {
  const used = stretchColumns(text, from, to);
  let best: Tail | undefined;
  if (used <= width) best = { cost: raggedness(used, width), lineEnd: to, rest: undefined };
  if (shorter === undefined) return best;
  for (let end = from + 1; end < to; end++) {
    const first = stretchColumns(text, from, end);
    if (first > width) break;
    const rest = shorter[to - end];
    if (rest === undefined) continue;
    const cost = rest.cost + (text.atoms[end - 1]?.breakCost ?? 0) + LINE_COST + raggedness(first, width);
    if (best === undefined || cost < best.cost) best = { cost, lineEnd: end, rest };
  }
  return best;
}

const raggedness = (used: number, width: number): number => RAGGED_COST * ((width - used) / width) ** 2;

function breaksOf(tail: Tail): number[] {
  const breaks: number[] = [];
  for (let at: Tail = tail; at.rest !== undefined; at = at.rest) breaks.push(at.lineEnd);
  return breaks;
}
