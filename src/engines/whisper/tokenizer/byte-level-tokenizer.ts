/** The tokenizer of every Whisper model: GPT-2's splitting into pieces, byte pair merging, special tokens apart. */
import { ScriptoriumError } from '../../../core/index.ts';
import { mergeBytes, type Ranks } from './byte-pair.ts';
import { findNonSpeechTokens } from './non-speech.ts';
import type { SpecialTokens, Tokenizer } from './tokenizer.ts';

export interface VocabularySource {
  /** Byte strings by id, special tokens left out or empty. What stands at or past the end token is not used. */
  readonly tokens: readonly Uint8Array[];
  /** Every id there is, special tokens and time stamps included. */
  readonly vocabulary: number;
  readonly special: SpecialTokens;
  /** When a token is merged, by id; without it a lower id is merged first, as in tiktoken. */
  readonly mergeRanks?: ReadonlyMap<number, number>;
}

/**
 * GPT-2's pattern (openai/gpt-2 `encoder.py`; Whisper's is the same). `\p{White_Space}` is what `\s` means there;
 * JavaScript's own differs by U+0085 and U+FEFF.
 */
const PIECES =
  /'(?:[stmd]|re|ve|ll)| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
const EMPTY = new Uint8Array(0);

/**
 * Builds the tokenizer of one vocabulary. `bytes` hands out views of `source.tokens`: read, never change them.
 *
 * @throws ScriptoriumError `model-invalid` when a single byte is no token, so that not every text could be written.
 */
export function createTokenizer(source: VocabularySource): Tokenizer {
  const { tokens, vocabulary, special, mergeRanks } = source;
  const ordinary = Math.min(tokens.length, special.endOfText);
  const spellings = byteStrings(tokens.slice(0, ordinary));
  const ids = new Map<string, number>();
  for (let id = ordinary - 1; id >= 0; id--) {
    const spelling = spellings[id];
    if (spelling) ids.set(spelling, id);
  }
  for (let byte = 0; byte < 256; byte++) {
    if (!ids.has(String.fromCharCode(byte))) {
      throw new ScriptoriumError('model-invalid', `the vocabulary has no token for the byte ${byte}`);
    }
  }
  const ranks: Ranks = {
    id: (token) => ids.get(token),
    rank: (token) => {
      const id = ids.get(token);
      return id === undefined || mergeRanks === undefined ? id : mergeRanks.get(id);
    },
  };
  const encode = (text: string): number[] => {
    const found: number[] = [];
    for (const [piece] of text.matchAll(PIECES)) {
      for (const id of mergeBytes(Buffer.from(piece, 'utf8').toString('latin1'), ranks)) found.push(id);
    }
    return found;
  };
  const bytes = (id: number): Uint8Array => (id < ordinary ? (tokens[id] ?? EMPTY) : EMPTY);
  let nonSpeech: readonly number[] | undefined;
  return {
    special,
    vocabulary,
    encode,
    decode: (sequence) => Buffer.concat(sequence.map(bytes)).toString('utf8'),
    bytes,
    nonSpeechTokens: () => (nonSpeech ??= findNonSpeechTokens(encode)),
  };
}

/** One character a byte: strings are what a Map finds by content. All at once, as 50,000 conversions would take longer. */
function byteStrings(tokens: readonly Uint8Array[]): string[] {
  const all = Buffer.concat(tokens).toString('latin1');
  let at = 0;
  return tokens.map((token) => all.slice(at, (at += token.length)));
}
