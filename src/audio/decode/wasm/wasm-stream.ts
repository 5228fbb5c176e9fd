import { ScriptoriumError } from '../../../core/index.ts';
import {
  checkShape,
  truncated,
  type AudioBlock,
  type AudioStream,
  type AudioWarning,
  type DecodeContext,
} from '../audio-stream.ts';
import type { ByteReader } from '../byte-reader.ts';
import { quietly } from './quietly.ts';

/**
 * Bytes given to a decoder at once. Bounds what one call can put into memory: a file made for it turns 4 KiB of FLAC
 * into 36 s of eight channels, 280 MB; an honest one into a second or two.
 */
const PIECE_BYTES = 4_096;
/** Bytes after which a decoder that has found no sound is believed no longer: more than any picture in a header. */
const MAX_SILENT_BYTES = 33_554_432;
/** Errors told by a decoder after which the rest of a recording is left: noise, not sound. */
const MAX_ERRORS = 1_000;

/** What the WebAssembly decoders answer to a piece of a file. */
export interface Decoded {
  readonly channelData: readonly Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
  readonly errors: readonly { readonly message: string }[];
}

export interface PieceDecoder {
  decode(bytes: Uint8Array): Decoded | Promise<Decoded>;
  /** The rest, once all bytes were given. */
  flush(): Decoded | Promise<Decoded>;
  free(): void;
}

export interface WasmFormat {
  readonly name: string;
  /** Channels to keep, where the decoder makes more of them; all when `undefined`. */
  readonly channels?: number;
  /** Samples a channel that the header promises, when it does. */
  readonly frames?: number;
  /** Whether the bytes ended as such a file ends; `undefined` when that cannot be told. */
  readonly complete?: () => boolean;
}

/** Feeds a decoder piece by piece, as its samples are asked for; takes over `reader` and `decoder`. */
export async function openWasm(
  reader: ByteReader,
  decoder: PieceDecoder,
  format: WasmFormat,
  context: DecodeContext,
): Promise<AudioStream> {
  const pieces = decodePieces(reader, decoder, format, context);
  let freed = false;
  const close = async (): Promise<void> => {
    if (!freed) decoder.free();
    freed = true;
    await reader.close();
  };
  try {
    const first = await pieces.next();
    if (first.done === true) {
      throw new ScriptoriumError('audio-damaged', `${context.name} is ${format.name} of which nothing can be decoded`);
    }
    const { block, sampleRate } = first.value;
    checkShape(context.name, format.name, block.length, sampleRate);
    return {
      format: format.name,
      channels: block.length,
      sampleRate,
      promised: format.frames,
      blocks: sameShape(first.value, pieces, format, context),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Piece {
  readonly block: AudioBlock;
  readonly sampleRate: number;
}

/** Pieces that hold samples. A failure of the decoder ends them, with a warning when some came before. */
async function* decodePieces(
  reader: ByteReader,
  decoder: PieceDecoder,
  format: WasmFormat,
  { name, warn, isLive }: DecodeContext,
): AsyncGenerator<Piece, void, undefined> {
  const damaged: AudioWarning = {
    kind: 'damaged',
    message: `${name} is damaged: parts of its ${format.name} were left out`,
  };
  let frames = 0;
  let errors = 0;
  let ended = false;
  while (!ended && errors < MAX_ERRORS) {
    const bytes = await (isLive ? reader.some(PIECE_BYTES) : reader.read(PIECE_BYTES));
    ended = bytes.length === 0;
    let decoded: Decoded;
    try {
      decoded = await quietly(() => (ended ? decoder.flush() : decoder.decode(bytes)));
    } catch {
      if (frames > 0) warn(damaged);
      return;
    }
    errors += decoded.errors.length;
    if (decoded.errors.length > 0) warn(damaged);
    frames += decoded.samplesDecoded;
    if (frames === 0 && reader.position() > MAX_SILENT_BYTES) return;
    if (decoded.samplesDecoded <= 0) continue;
    yield { block: decoded.channelData.slice(0, format.channels), sampleRate: decoded.sampleRate };
  }
  const short = format.frames !== undefined && frames < format.frames;
  if (frames > 0 && (short || format.complete?.() === false)) warn(truncated(name, format.name));
}

/** The first piece and those after it, up to one of another rate or with other channels. */
async function* sameShape(
  first: Piece,
  rest: AsyncIterable<Piece>,
  format: WasmFormat,
  { name, warn }: DecodeContext,
): AsyncGenerator<AudioBlock, void, undefined> {
  yield first.block;
  for await (const { block, sampleRate } of rest) {
    if (sampleRate !== first.sampleRate || block.length !== first.block.length) {
      warn({
        kind: 'damaged',
        message: `${name} changes its rate or channels on the way; its ${format.name} was used up to there`,
      });
      return;
    }
    yield block;
  }
}
