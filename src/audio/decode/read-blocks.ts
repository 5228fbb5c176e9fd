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
    const bytes = await reader.read(wanted);
    left -= bytes.length;
    const whole = codec.decodesPart ? bytes.length : bytes.length - (bytes.length % codec.blockBytes);
    if (whole > 0) yield codec.decode(bytes.subarray(0, whole));
    if (bytes.length === wanted) continue;
    if (Number.isFinite(length)) onShort();
    return;
  }
}
