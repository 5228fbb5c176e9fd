/** Which tokens write music notes, brackets and other marks that nobody speaks. */

/** OpenAI's list (`Tokenizer.non_speech_tokens`): kept away when they are one token, alone or after a space. */
const SYMBOLS = [
  ...'" # ( ) * + / : ; < = > @ [ \\ ] ^ _ ` { | } ~ 「 」 『 』'.split(' '),
  ...'<< >> <<< >>> -- --- -( -[ (\' (" (( )) ((( ))) [[ ]] {{ }} ♪♪ ♪♪♪'.split(' '),
];
/** U+2640 to U+267F share two bytes, so the first token of each is kept away even when there are more. */
const NOTES = ['♩', '♪', '♫', '♬', '♭', '♮', '♯'];
/** A hyphen or an apostrophe is fine inside a word but not at its start. */
const WORD_STARTS = [' -', " '"];

/** The ids, ascending, for an encoder of plain text. */
export function findNonSpeechTokens(encode: (text: string) => readonly number[]): readonly number[] {
  const found = new Set<number>();
  const add = (text: string, evenSplit: boolean): void => {
    const [first, ...rest] = encode(text);
    if (first !== undefined && (evenSplit || rest.length === 0)) found.add(first);
  };
  for (const text of WORD_STARTS) add(text, true);
  for (const symbol of SYMBOLS) for (const text of [symbol, ` ${symbol}`]) add(text, false);
  for (const symbol of NOTES) for (const text of [symbol, ` ${symbol}`]) add(text, true);
  return [...found].sort((a, b) => a - b);
}
