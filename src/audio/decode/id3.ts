import type { ByteReader } from './byte-reader.ts';

/**
 * Passes over ID3v2 tags, each with its ten bytes of head and a length of four times seven bits (id3.org, 2.4.0).
 *
 * @returns whether there were any.
 */
export async function skipId3(reader: ByteReader): Promise<boolean> {
  for (let any = false; ; any = true) {
    const head = await reader.peek(10);
    if (head.length < 10 || String.fromCharCode(...head.subarray(0, 3)) !== 'ID3') return any;
    const length = head.subarray(6).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
    const footer = ((head[5] ?? 0) & 0x10) === 0 ? 0 : 10;
    await reader.skip(10 + length + footer);
  }
}
