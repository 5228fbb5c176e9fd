import { MAX_BLOCK_FRAMES, type AudioBlock } from './audio-stream.ts';
import type { ByteReader } from './byte-reader.ts';
import type { BlockCodec } from './pcm.ts';

/** Bytes asked for at once. */
const READ_BYTES = 65_536;

/**
 * Decodes up to `length` bytes of blocks, `Infinity` for all that come.
 *
 * @param onShort called once when fewer bytes than `length` came.
 */
export async function* readBlocks(
  reader: ByteReader,
  codec: BlockCodec,
  length: number,
  onShort: () => void,
): AsyncGenerator<AudioBlock, void, undefined> {
  const blocks = Math.max(1, Math.floor(Math.min(MAX_BLOCK_FRAMES / codec.blockFrames, READ_BYTES / codec.blockBytes)));
  let left = length;
  while (left > 0) {
    const wanted = Math.min(left, blocks * codec.blockBytes);
    const bytes = await wholeBlocks(reader, codec.blockBytes, wanted);
    left -= bytes.length;
    const isShort = bytes.length < wanted && (bytes.length === 0 || bytes.length % codec.blockBytes !== 0);
    const whole = codec.decodesPart ? bytes.length : bytes.length - (bytes.length % codec.blockBytes);
    if (whole > 0) yield codec.decode(bytes.subarray(0, whole));
    if (!isShort) continue;
    if (Number.isFinite(length)) onShort();
    return;
  }
}

/** What is at hand, at most `wanted`, and what its last block lacks: a stream that is spoken now does not wait to be long. */
async function wholeBlocks(reader: ByteReader, blockBytes: number, wanted: number): Promise<Uint8Array> {
  const bytes = await reader.some(wanted);
  const odd = bytes.length % blockBytes;
  if (odd === 0 || bytes.length === wanted) return bytes;
  return Buffer.concat([bytes, await reader.read(Math.min(blockBytes - odd, wanted - bytes.length))]);
}
