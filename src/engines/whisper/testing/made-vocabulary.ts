/** A vocabulary for made models: every byte, some words with the merges that lead to them, and strings no text holds. */

const WORDS =
  ' and so my fellow citizens ask not what your country can do for you hello world one two three four five привет мир 你好 世界 été';
/** Fillers start with a byte that UTF-8 never uses. */
const FILLER = 0xf8;

export interface MadeVocabulary {
  /** Byte strings by id, as many as were asked for. */
  readonly tokens: readonly Uint8Array[];
  /** Each merge as the pair of byte strings it joins, in the order of the ids that they make. */
  readonly merges: readonly (readonly [Uint8Array, Uint8Array])[];
}

/** @param count at least 600: the bytes and the words need 520. */
export function makeVocabulary(count: number): MadeVocabulary {
  const tokens: Uint8Array[] = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  const merges: (readonly [Uint8Array, Uint8Array])[] = [];
  const known = new Set<string>();
  for (const word of WORDS.split(' ').slice(1)) {
    const bytes = new TextEncoder().encode(` ${word}`);
    for (let length = 2; length <= bytes.length; length++) {
      const token = bytes.slice(0, length);
      if (known.has(token.join())) continue;
      known.add(token.join());
      merges.push([token.slice(0, -1), token.slice(-1)]);
      tokens.push(token);
    }
  }
  if (tokens.length > count) throw new RangeError(`a made vocabulary needs ${tokens.length} tokens`);
  while (tokens.length < count) {
    const number = tokens.length;
    tokens.push(Uint8Array.of(FILLER, number >> 16, (number >> 8) & 255, number & 255));
  }
  return { tokens, merges };
}
