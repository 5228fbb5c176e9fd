/** Samples of one channel between two positions, counted from the channel's first sample. */
export interface PcmBuffer {
  append(pcm: Float32Array): void;
  /** A copy of `[start, end)`. @throws RangeError when it is not all held. */
  slice(start: number, end: number): Float32Array;
  dropBefore(position: number): void;
  start(): number;
  end(): number;
}

/** A growing and shrinking window on a stream; holds no more than what was appended and not dropped. */
export function createPcmBuffer(): PcmBuffer {
  let pieces: { readonly at: number; readonly pcm: Float32Array }[] = [];
  let first = 0;
  let end = 0;
  return {
    append(pcm) {
      if (pcm.length === 0) return;
      pieces.push({ at: end, pcm });
      end += pcm.length;
    },
    slice(from, to) {
      if (from < first || to > end || from > to) throw new RangeError(`[${from}, ${to}) is not in [${first}, ${end})`);
      const out = new Float32Array(to - from);
      for (const { at, pcm } of pieces) {
        if (at >= to || at + pcm.length <= from) continue;
        const part = pcm.subarray(Math.max(0, from - at), Math.min(pcm.length, to - at));
        out.set(part, Math.max(0, at - from));
      }
      return out;
    },
    dropBefore(position) {
      first = Math.max(first, Math.min(position, end));
      pieces = pieces.filter(({ at, pcm }) => at + pcm.length > first);
    },
    start: () => first,
    end: () => end,
  };
}
