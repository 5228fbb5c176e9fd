/** English number words to digits: "two hundred and five" 205, "fourteen fifty five" 1455, "twenty first" 21st. */

const count = (words: string, first: number, step: number): ReadonlyMap<string, number> =>
  new Map(words.split(' ').map((word, index) => [word, first + index * step]));

const ONES = new Map([
  ...count('zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen', 0, 1),
  ...count('sixteen seventeen eighteen nineteen', 16, 1),
  ['oh', 0],
]);
const TENS = count('twenty thirty forty fifty sixty seventy eighty ninety', 20, 10);
const SCALES = new Map([
  ['thousand', 1e3],
  ['million', 1e6],
  ['billion', 1e9],
  ['trillion', 1e12],
]);
const ORDINALS = new Map([
  ...count('zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth', 0, 1),
  ...count('thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth', 13, 1),
  ...count('twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth', 20, 10),
]);

/** What the last word of a number was. */
type Kind = 'none' | 'one' | 'teen' | 'ten' | 'hundred' | 'scale' | 'digits';

interface NumberSpan {
  /** How many words it takes; 0 when no number starts here. */
  readonly words: number;
  readonly text: string;
}

function ordinalSuffix(value: number): string {
  if (value % 100 >= 11 && value % 100 <= 13) return 'th';
  return ['th', 'st', 'nd', 'rd'][value % 10] ?? 'th';
}

/** Reads the longest number at the start of `words`. */
function readNumber(words: readonly string[]): NumberSpan {
  let closed = ''; // the 14 of "fourteen fifty five"
  let thousands = 0;
  let below: number | undefined; // under the next scale
  let last: Kind = 'none';
  let at = 0;

  const open = (): boolean => last === 'hundred' || last === 'scale';
  const close = (): void => {
    if (below !== undefined || thousands > 0) closed += String(thousands + (below ?? 0));
    thousands = 0;
    below = undefined;
  };
  const put = (value: number, joins: boolean): void => {
    if (!joins) close();
    below = joins ? (below ?? 0) + value : value;
  };

  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    const next = words[at + 1] ?? '';
    const one = ONES.get(word);
    const ten = TENS.get(word);
    const scale = SCALES.get(word);
    const ordinal = ORDINALS.get(word);
    if (word === 'oh' && last === 'none' && !ONES.has(next)) break; // the interjection
    if (/^\d+$/.test(word) && SCALES.has(next) && last === 'none') {
      below = Number(word);
      last = 'digits';
    } else if (one !== undefined) {
      put(one, open() || (last === 'ten' && one > 0 && one < 10));
      last = one < 10 ? 'one' : 'teen';
    } else if (ten !== undefined) {
      put(ten, open());
      last = 'ten';
    } else if (word === 'hundred' && below !== undefined && below > 0 && below < 100) {
      below *= 100;
      last = 'hundred';
    } else if (scale !== undefined && below !== undefined) {
      thousands += below * scale;
      below = undefined;
      last = 'scale';
    } else if (word === 'second' && last !== 'ten' && last !== 'hundred') {
      break; // of a minute
    } else if (ordinal !== undefined && (last !== 'none' || word !== 'zeroth')) {
      put(ordinal, open() || (last === 'ten' && ordinal > 0 && ordinal < 10));
      close();
      return { words: at + 1, text: closed + ordinalSuffix(Number(closed.slice(-2))) };
    } else if (!(word === 'and' && open() && (ONES.has(next) || TENS.has(next)))) {
      break;
    }
  }
  if (last === 'digits') return { words: at, text: words.slice(0, at).join(' ') };
  close();
  return { words: at, text: closed };
}

/** Numbers in digits, and lone digits side by side as one: "1 2 3" and "one two three" are both "123". */
export function digitsFromWords(words: readonly string[]): readonly string[] {
  const read: string[] = [];
  for (let at = 0; at < words.length;) {
    const number = readNumber(words.slice(at, at + 40));
    read.push(...(number.words > 0 ? number.text.split(' ') : [words[at] ?? '']));
    at += Math.max(1, number.words);
  }
  const joined: string[] = [];
  let run = false;
  for (const word of read) {
    const digit = /^\d$/.test(word);
    if (digit && run) joined.push((joined.pop() ?? '') + word);
    else joined.push(word);
    run = digit;
  }
  return joined;
}
