/** What can be read at one place of the stream. */
export type Piece =
  | { readonly type: 'audio'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Sound that was dropped: so many bytes of the stream. */
  | { readonly type: 'gap'; readonly length: number };

interface Kept {
  readonly at: number;
  readonly length: number;
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
}

/** The newest part of a stream, addressed by byte offset, kept to be sent again. */
export interface ReplayBuffer {
  /** Offset of the first byte that is kept, and of the one behind the last. */
  start(): number;
  end(): number;
  /** Keeps the array itself. */
  push(bytes: Uint8Array<ArrayBuffer>): void;
  /** @returns at most `most` bytes from `at`; undefined where nothing is, or is not any more. */
  read(at: number, most: number): Piece | undefined;
  /** Forgets what is before `offset`. */
  trim(offset: number): void;
  /** Turns sound from `from` to `to` into a gap. */
  drop(from: number, to: number): void;
}

export function replayBuffer(): ReplayBuffer {
  let kept: Kept[] = [];
  let start = 0;
  let end = 0;

  /** Of `one`, what is in [from, to). */
  function cut(one: Kept, from: number, to: number): Kept[] {
    const first = Math.max(one.at, from);
    const last = Math.min(one.at + one.length, to);
    if (last <= first) return [];
    return [{ at: first, length: last - first, bytes: one.bytes?.subarray(first - one.at, last - one.at) }];
  }

  return {
    start: () => start,
    end: () => end,
    push(bytes) {
      if (bytes.length > 0) kept.push({ at: end, length: bytes.length, bytes });
      end += bytes.length;
    },
    read(at, most) {
      // Reading goes on near the end, where the last one was pushed.
      const one = kept.findLast((each) => each.at <= at);
      if (one === undefined || at < start || at >= one.at + one.length || most <= 0) return undefined;
      const from = at - one.at;
      const length = Math.min(one.length - from, most);
      if (one.bytes === undefined) return { type: 'gap', length };
      return { type: 'audio', bytes: one.bytes.subarray(from, from + length) };
    },
    trim(offset) {
      if (offset <= start) return;
      start = Math.min(offset, end);
      while (kept[0] !== undefined && kept[0].at + kept[0].length <= start) kept.shift();
    },
    drop(from, to) {
      const inside = { at: from, length: to - from, bytes: undefined };
      const before = kept.flatMap((one) => cut(one, 0, from));
      const behind = kept.flatMap((one) => cut(one, to, end));
      const last = before.at(-1);
      if (last !== undefined && last.bytes === undefined) {
        before.pop();
        kept = [...before, { ...inside, at: last.at, length: last.length + inside.length }, ...behind];
      } else kept = [...before, inside, ...behind];
    },
  };
}
