/** Reads Whisper's own time stamps out of decoded tokens (`whisper/transcribe.py`, the loop of `transcribe`). */

export interface StampedSpan {
  readonly tokens: readonly number[];
  /** In milliseconds from the start of the window. */
  readonly start: number;
  readonly end: number;
}

export interface StampedText {
  readonly spans: readonly StampedSpan[];
  /** What follows this, in milliseconds, is to be decoded again; undefined when the whole window is told. */
  readonly resumeAt: number | undefined;
}

const STAMP_MS = 20;

/**
 * @param tokens text and stamps, without the end token.
 * @param begin the id of the stamp 0.00.
 * @param durationMs of the audio in the window: where a span without an end stamp ends.
 */
export function readStamps(tokens: readonly number[], begin: number, durationMs: number): StampedText {
  const isStamp = (token: number | undefined): boolean => token !== undefined && token >= begin;
  const time = (token: number | undefined): number => Math.min(durationMs, ((token ?? begin) - begin) * STAMP_MS);
  const pairs = tokens.flatMap((token, i) => (i > 0 && isStamp(token) && isStamp(tokens[i - 1]) ? [i] : []));
  const single = isStamp(tokens.at(-1)) && !isStamp(tokens.at(-2));
  const cuts = single ? [...pairs, tokens.length] : pairs;
  const read = (from: number, to: number): StampedSpan | undefined => {
    const slice = tokens.slice(from, to);
    const text = slice.filter((token) => !isStamp(token));
    if (text.length === 0) return undefined;
    const end = isStamp(slice.at(-1)) ? time(slice.at(-1)) : durationMs;
    const start = isStamp(slice[0]) ? time(slice[0]) : 0;
    return { tokens: text, start: Math.min(start, end), end };
  };
  if (pairs.length === 0) {
    const span = read(0, tokens.length);
    return { spans: span === undefined ? [] : [span], resumeAt: undefined };
  }
  const spans: StampedSpan[] = [];
  let from = 0;
  for (const cut of cuts) {
    const span = read(from, cut);
    if (span !== undefined) spans.push(span);
    from = cut;
  }
  return { spans, resumeAt: single ? undefined : time(tokens[from - 1]) };
}
