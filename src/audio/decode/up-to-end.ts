import type { AudioBlock, DecodeContext } from './audio-stream.ts';
import type { ByteReader } from './byte-reader.ts';

/**
 * The blocks of a recording that says where it ends, and a warning when more than its tags comes behind that: another recording,
 * say. A file is not read so far.
 *
 * @param tags bytes behind the samples that are the recording's own.
 */
export async function* upToEnd(
  blocks: AsyncIterable<AudioBlock>,
  reader: ByteReader,
  tags: number,
  { name, warn, isLive }: DecodeContext,
): AsyncGenerator<AudioBlock, void, undefined> {
  let isEmpty = true;
  for await (const block of blocks) {
    isEmpty = false;
    yield block;
  }
  if (isEmpty || !isLive) return;
  await reader.skip(tags);
  if ((await reader.peek(1)).length === 0) return;
  warn({ kind: 'surplus', message: `${name} goes on behind its end: what is there was not used` });
}
