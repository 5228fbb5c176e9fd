/** Text to token ids and back, byte-level BPE as in GPT-2, with Whisper's special tokens. */

/** Ids of the tokens that steer Whisper. */
export interface SpecialTokens {
  readonly endOfText: number;
  readonly startOfTranscript: number;
  readonly translate: number;
  readonly transcribe: number;
  /** Never emitted by a well-behaved decoder; OpenAI suppresses it. */
  readonly startOfLm: number;
  readonly startOfPrevious: number;
  readonly noSpeech: number;
  readonly noTimestamps: number;
  /** The stamp 0.00; each further id is 20 ms later. */
  readonly timestampBegin: number;
  /** By ISO 639-1 code, in the model's order; empty for English-only models. */
  readonly languages: ReadonlyMap<string, number>;
}

export interface Tokenizer {
  readonly special: SpecialTokens;
  readonly vocabulary: number;
  /** Plain text to ids; special tokens in the text are text. */
  encode(text: string): number[];
  /** Ids to text, special tokens left out; bytes that are no UTF-8 become U+FFFD. */
  decode(ids: readonly number[]): string;
  /** The raw bytes of one id, empty for special tokens. */
  bytes(id: number): Uint8Array;
  /** OpenAI's list of symbols and sound tags, as `tokenizer.non_speech_tokens` computes it; ascending. */
  nonSpeechTokens(): readonly number[];
}
