/** Text that flows into lines of a terminal. */
export interface Flowed {
  /** With a line feed wherever a line is full. */
  readonly text: string;
  /** Where the cursor is behind it. */
  readonly column: number;
  /** Line feeds in `text`. */
  readonly rows: number;
}

/** Scripts that are written without spaces, and take two columns a letter: Unicode's East Asian Width, W and F. */
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303F\uFF00-\uFF60]/u;
const MARK = /\p{Mark}/u;

const widthOf = (letter: string): number => (WIDE.test(letter) ? 2 : MARK.test(letter) ? 0 : 1);
const columnsOf = (text: string): number => Array.from(text).reduce((sum, letter) => sum + widthOf(letter), 0);

/** Writes `text` from `column` on into lines of `width` columns, broken at spaces, or anywhere in wide letters. */
export function flow(text: string, column: number, width: number): Flowed {
  let out = '';
  let at = column;
  let rows = 0;
  const feed = (): void => {
    out += '\n';
    at = 0;
    rows++;
  };
  for (const [piece, space = '', word = ''] of text.matchAll(/(\s*)([^\s]+|$)/gu)) {
    if (piece === '') continue;
    const wanted = columnsOf(word);
    const gap = at === 0 ? '' : space === '' ? '' : ' ';
    if (at > 0 && at + gap.length + wanted > width && !WIDE.test(word) && gap !== '') feed();
    else {
      out += gap;
      at += gap.length;
    }
    for (const letter of word) {
      const columns = widthOf(letter);
      if (at + columns > width) feed();
      out += letter;
      at += columns;
    }
  }
  return { text: out, column: at, rows };
}
