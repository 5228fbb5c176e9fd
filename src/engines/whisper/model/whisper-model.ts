/** What every model reader yields, whatever file it read: a shape, tensors under OpenAI's names, filters, a tokenizer. */
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/** The eleven numbers that make a Whisper: OpenAI's `ModelDimensions`. */
export interface WhisperShape {
  readonly vocabulary: number;
  readonly audioContext: number;
  readonly audioState: number;
  readonly audioHeads: number;
  readonly audioLayers: number;
  readonly textContext: number;
  readonly textState: number;
  readonly textHeads: number;
  readonly textLayers: number;
  readonly mels: number;
}

/** A tensor as f32, row-major, dimensions outermost first as PyTorch prints them (`[out, in]` for a linear weight). */
export interface Tensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** [decoder layer, head] */
export type AttentionHead = readonly [layer: number, head: number];

/**
 * A Whisper model on disk. Tensor names are OpenAI's (`encoder.blocks.0.attn.query.weight`,
 * `decoder.token_embedding.weight`, …); the readers map other spellings to them.
 */
export interface WhisperModel extends AsyncDisposable {
  readonly name: string;
  /** SHA-256 of the weights and vocabulary, hex: the key of what is built from them. */
  readonly digest: string;
  readonly shape: WhisperShape;
  readonly multilingual: boolean;
  readonly tokenizer: Tokenizer;
  /** Shape [mels, 201]: the Slaney filter bank over the 201 bins of a 400-point DFT. */
  readonly melFilters: Float32Array;
  /** Heads that follow the audio in time; all of the upper half of the decoder when nobody has measured them. */
  readonly alignmentHeads: readonly AttentionHead[];
  /** Names that `tensor` answers to. */
  readonly tensorNames: readonly string[];
  /**
   * Reads and dequantises one tensor; a fresh array each time, owned by the caller.
   * @throws ScriptoriumError `model-invalid` when it is missing, cut off or of an unknown kind.
   */
  tensor(name: string): Promise<Tensor>;
}
