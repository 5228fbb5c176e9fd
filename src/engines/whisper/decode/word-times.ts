/**
 * Word times by attention and dynamic time warping: the method of OpenAI's `whisper/timing.py` (`find_alignment`), on the
 * heads that are known to follow the audio.
 */
import { millis } from '../../../core/index.ts';
import type { Word } from '../../../core/index.ts';
import type { AttentionRows } from './hypothesis.ts';
import type { TokenWord } from './token-words.ts';

/** Encoder positions are 20 ms apart. */
const POSITION_MS = 20;
/** Width of the median filter over time (`medfilt_width`). */
const MEDIAN_WIDTH = 7;

export interface AlignmentInput {
  /** Row 0 listens for the first token of the text, row i behind token i for the next; each `[heads, positions]`. */
  readonly attention: AttentionRows;
  readonly heads: number;
  /** Positions that hold audio; those after it are padding. */
  readonly audible: number;
  readonly words: readonly TokenWord[];
  readonly probabilities: readonly number[];
}

/** Each word's place, in milliseconds from the start of the window. */
export function alignWords(input: AlignmentInput): Word[] {
  const { words } = input;
  const rows = input.attention.length;
  if (words.length === 0 || rows < 2 || input.audible < 1) return [];
  const starts = rowStarts(warp(costs(input), rows, input.audible), rows);
  const result: Word[] = [];
  let token = 0;
  for (const word of words) {
    const next = Math.min(token + word.tokens.length, rows - 1);
    const start = (starts[token] ?? 0) * POSITION_MS;
    const end = Math.max(start, (starts[next] ?? 0) * POSITION_MS);
    const odds = input.probabilities.slice(token, token + word.tokens.length);
    const probability = odds.reduce((sum, p) => sum + p, 0) / Math.max(1, odds.length);
    result.push({ text: word.text.trim(), start: millis(start), end: millis(end), probability, tokens: word.tokens });
    token = next;
  }
  return result;
}

/** Shape [rows, audible]: the lower, the more a row listens there. */
function costs({ attention, heads, audible }: AlignmentInput): Float32Array {
  const result = new Float32Array(attention.length * audible);
  const map = new Float32Array(result.length);
  for (let head = 0; head < heads; head++) {
    attention.forEach((row, index) => {
      const from = (head * row.length) / heads;
      const to = index * audible;
      let sum = 0;
      for (let t = 0; t < audible; t++) sum += row[from + t] ?? 0;
      const scale = sum > 0 ? 1 / sum : 0;
      for (let t = 0; t < audible; t++) map[to + t] = (row[from + t] ?? 0) * scale;
    });
    standardize(map, attention.length, audible);
    attention.forEach((_, index) => addMedians(map, index * audible, audible, result, -1 / heads));
  }
  return result;
}

/** To mean 0 and deviation 1 over the rows, at each position. */
function standardize(map: Float32Array, rows: number, width: number): void {
  const sums = new Float64Array(width);
  const squares = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    for (let t = 0; t < width; t++) {
      const value = map[row * width + t] ?? 0;
      sums[t] = (sums[t] ?? 0) + value;
      squares[t] = (squares[t] ?? 0) + value * value;
    }
  }
  for (let t = 0; t < width; t++) {
    const mean = (sums[t] ?? 0) / rows;
    const deviation = Math.sqrt(Math.max((squares[t] ?? 0) / rows - mean * mean, 1e-12));
    for (let row = 0; row < rows; row++) map[row * width + t] = ((map[row * width + t] ?? 0) - mean) / deviation;
  }
}

/** Adds the running median of one row, mirrored at its ends, times `factor`. */
function addMedians(map: Float32Array, from: number, width: number, into: Float32Array, factor: number): void {
  const half = Math.floor(MEDIAN_WIDTH / 2);
  /** The values under the filter, ascending: each step takes one out and puts one in. */
  const near = new Float64Array(MEDIAN_WIDTH);
  const value = (at: number): number => {
    const place = Math.abs(at);
    return map[from + (place < width ? place : Math.max(0, 2 * width - 2 - place))] ?? 0;
  };
  for (let k = 0; k < MEDIAN_WIDTH; k++) near[k] = value(k - half);
  near.sort();
  for (let t = 0; t < width; t++) {
    into[from + t] = (into[from + t] ?? 0) + factor * (near[half] ?? 0);
    replace(near, value(t - half), value(t + half + 1));
  }
}

/** Takes `old` out of ascending numbers and puts `fresh` where it belongs. */
function replace(sorted: Float64Array, old: number, fresh: number): void {
  let at = 0;
  while (at < sorted.length - 1 && (sorted[at] ?? 0) < old) at++;
  for (; at < sorted.length - 1 && (sorted[at + 1] ?? 0) < fresh; at++) sorted[at] = sorted[at + 1] ?? 0;
  for (; at > 0 && (sorted[at - 1] ?? 0) > fresh; at--) sorted[at] = sorted[at - 1] ?? 0;
  sorted[at] = fresh;
}

const DIAGONAL = 0;
const DOWN = 1;
const ACROSS = 2;

/** The cheapest way from the first row and position to the last of both; `[row, position]` pairs in order. */
function warp(cost: Float32Array, rows: number, width: number): readonly (readonly [row: number, position: number])[] {
  const total = new Float32Array((rows + 1) * (width + 1)).fill(Infinity);
  const step = new Uint8Array((rows + 1) * (width + 1));
  const stride = width + 1;
  total[0] = 0;
  for (let r = 1; r <= rows; r++) {
    for (let t = 1; t <= width; t++) {
      const diagonal = total[(r - 1) * stride + t - 1] ?? Infinity;
      const down = total[(r - 1) * stride + t] ?? Infinity;
      const across = total[r * stride + t - 1] ?? Infinity;
      let best = across;
      let move = ACROSS;
      if (diagonal < down && diagonal < across) {
        best = diagonal;
        move = DIAGONAL;
      } else if (down < diagonal && down < across) {
        best = down;
        move = DOWN;
      }
      total[r * stride + t] = best + (cost[(r - 1) * width + t - 1] ?? 0);
      step[r * stride + t] = move;
    }
  }
  const path: (readonly [number, number])[] = [];
  let r = rows;
  let t = width;
  while (r > 0 && t > 0) {
    path.push([r - 1, t - 1]);
    const move = step[r * stride + t];
    if (move !== ACROSS) r--;
    if (move !== DOWN) t--;
  }
  return path.reverse();
}

/** The position at which the path enters each row. */
function rowStarts(path: readonly (readonly [row: number, position: number])[], rows: number): Float64Array {
  const starts = new Float64Array(rows).fill(-1);
  for (const [row, position] of path) if ((starts[row] ?? 0) < 0) starts[row] = position;
  return starts;
}
