import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/** A word as a run of tokens; punctuation belongs to the word that it leans on. */
export interface TokenWord {
  /** As decoded, with the space before it. */
  readonly text: string;
  readonly tokens: readonly number[];
}

/** Written without spaces between words: each character is a unit (`tokenizer.split_to_word_tokens`). */
const UNSPACED = new Set(['zh', 'ja', 'th', 'lo', 'my', 'yue']);
/** Lean on the next word (`prepend_punctuations`) … */
const OPENING = new Set(['"', "'", '“', '¿', '(', '[', '{', '-']);
/** … and on the one before (`append_punctuations`). */
const CLOSING = new Set(['"', "'", '.', '。', ',', '，', '!', '！', '?', '？', ':', '：', '”', ')', ']', '}', '、']);

/** Cuts tokens into words, none split inside a character. */
export function splitWords(tokens: readonly number[], tokenizer: Tokenizer, language: string): TokenWord[] {
  const characters = splitCharacters(tokens, tokenizer);
  return mergePunctuation(UNSPACED.has(language) ? characters : joinAtSpaces(characters));
}

/** The shortest runs of tokens that are whole characters. */
function splitCharacters(tokens: readonly number[], tokenizer: Tokenizer): TokenWord[] {
  const whole = tokenizer.decode(tokens);
  const words: TokenWord[] = [];
  let run: number[] = [];
  let offset = 0;
  for (const token of tokens) {
    run.push(token);
    const text = tokenizer.decode(run);
    const broken = text.indexOf('\uFFFD');
    // A replacement character may truly stand in the text.
    if (broken >= 0 && whole[offset + broken] !== '\uFFFD') continue;
    words.push({ text, tokens: run });
    offset += text.length;
    run = [];
  }
  if (run.length > 0) words.push({ text: tokenizer.decode(run), tokens: run });
  return words;
}

function joinAtSpaces(units: readonly TokenWord[]): TokenWord[] {
  const words: TokenWord[] = [];
  for (const unit of units) {
    const last = words.at(-1);
    const alone = unit.text.startsWith(' ') || isPunctuation(unit.text.trim());
    if (last === undefined || alone) words.push(unit);
    else words[words.length - 1] = { text: last.text + unit.text, tokens: [...last.tokens, ...unit.tokens] };
  }
  return words;
}

const isPunctuation = (text: string): boolean => /^[\p{P}\p{S}]$/u.test(text);

function mergePunctuation(words: readonly TokenWord[]): TokenWord[] {
  const merged: TokenWord[] = [];
  let opening: TokenWord | undefined;
  for (const word of words) {
    const text = word.text.trim();
    const joined =
      opening === undefined ? word : { text: opening.text + word.text, tokens: [...opening.tokens, ...word.tokens] };
    opening = undefined;
    const last = merged.at(-1);
    // A space by itself is the start of the next word.
    if (text === '' || (word.text.startsWith(' ') && OPENING.has(text))) opening = joined;
    else if (last !== undefined && CLOSING.has(text) && !word.text.startsWith(' ')) {
      merged[merged.length - 1] = { text: last.text + joined.text, tokens: [...last.tokens, ...joined.tokens] };
    } else merged.push(joined);
  }
  const last = merged.at(-1);
  if (opening === undefined) return merged;
  if (last === undefined || opening.text.trim() !== '') return [...merged, opening];
  return [...merged.slice(0, -1), { text: last.text + opening.text, tokens: [...last.tokens, ...opening.tokens] }];
}
