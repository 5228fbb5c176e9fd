/** GPT-2's way to write bytes as printable characters, in which `vocab.json` and `merges.txt` spell their tokens. */

/** Latin-1 stretches that stand for themselves; the other bytes become U+0100 and up, in order (openai/gpt-2 `encoder.py`). */
const PRINTABLE: readonly (readonly [number, number])[] = [
  [0x21, 0x7e],
  [0xa1, 0xac],
  [0xae, 0xff],
];

function buildAlphabet(): ReadonlyMap<string, number> {
  const alphabet = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const printable = PRINTABLE.some(([low, high]) => byte >= low && byte <= high);
    alphabet.set(String.fromCharCode(printable ? byte : next++), byte);
  }
  return alphabet;
}

const BYTES = buildAlphabet();
const CHARACTERS: readonly string[] = [...BYTES].sort(([, a], [, b]) => a - b).map(([character]) => character);

/** The bytes that a token's spelling stands for; undefined when a character is outside the alphabet. */
export function spelledBytes(spelling: string): Uint8Array | undefined {
  const bytes = new Uint8Array(spelling.length);
  for (let index = 0; index < spelling.length; index++) {
    const byte = BYTES.get(spelling.charAt(index));
    if (byte === undefined) return undefined;
    bytes[index] = byte;
  }
  return bytes;
}

/** How these bytes are spelled. */
export function spellBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => CHARACTERS[byte] ?? '').join('');
}
