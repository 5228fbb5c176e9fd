/** What the end of a word says: sentence over, clause over, or going on. */

const CLOSERS = '["\'”’»)\\]}】」』）〉》]*';
const SENTENCE_END = new RegExp(`(?:[.!?…]|[。！？｡؟۔।])${CLOSERS}$`, 'u');
const CLAUSE_END = new RegExp(`[,;:،、，；：–—]${CLOSERS}$`, 'u');

/** Written with a full stop that ends no sentence; lower case, without it. */
const ABBREVIATIONS = new Set(
  (
    'mr mrs ms dr prof st sr jr rev hon gen col capt lt sgt gov sen rep vs etc inc ltd co corp dept est approx fig no vol ' +
    'jan feb mar apr jun jul aug sep sept oct nov dec e.g i.e a.m p.m u.s u.k ph.d ' +
    'hr fr bzw ca usw z.b d.h u.a evtl nr str sra srta dra mme mlle'
  ).split(' '),
);

/** Whether a sentence ends with this word, as far as can be told before the next one (`''` at the end) is seen. */
export function endsSentence(word: string, next: string): boolean {
  if (!SENTENCE_END.test(word)) return false;
  const bare = word.replace(new RegExp(`${CLOSERS}$`, 'u'), '');
  if (!bare.endsWith('.') || next === '') return true;
  const stem = bare.slice(0, -1).toLowerCase();
  // "J. Smith", "Mr. Smith", "No. 5" go on; "the U.S. He said" is told by nobody without reading on.
  if (ABBREVIATIONS.has(stem) || /^\p{L}$/u.test(stem)) return false;
  return !/^\p{Ll}/u.test(next);
}

/** Whether a comma or its like ends the word. */
export const endsClause = (word: string): boolean => CLAUSE_END.test(word);
