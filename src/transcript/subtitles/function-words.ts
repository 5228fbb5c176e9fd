/** Small words that a reader takes in with what follows them: articles, prepositions, auxiliaries; and conjunctions. */

const list = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** Never left at the end of a line: the noun belongs to them. */
const ARTICLES = list(
  'a an the my your his her its our their this these those ' +
    'der die das den dem des ein eine einen einem einer eines mein dein sein ihr unser euer ' +
    'le la les un une des du mon ma mes ton ta tes son sa ses notre votre leur ce cet cette ces ' +
    'el los las una unos unas mi tu su nuestro nuestra il lo i gli uno o os as um uma het een de',
);

/** Better at the start of a line than at its end. */
const PREPOSITIONS = list(
  'of to in on at by for with from into onto about over under between through during without within against ' +
    'is are was were be been has have had will would can could shall should may might must do does did not ' +
    'von zu mit bei nach aus auf für über unter zwischen durch ohne gegen ist sind war hat haben wird ' +
    'à en dans sur sous avec pour par sans entre chez est sont a ont por para con sin sobre desde hasta entre es son ' +
    'di da per tra fra em com sem são',
);

const CONJUNCTIONS = list(
  'and or but nor so yet because although though while when where which who that if unless until since than as ' +
    'und oder aber weil dass wenn als obwohl während sondern denn et ou mais car que qui quand si parce lorsque ' +
    'y o pero porque cuando aunque e ma perché quando se ou mas en of maar omdat dat als toen',
);

const bare = (word: string): string => word.toLowerCase().replace(/^[^\p{L}]+|[^\p{L}'’]+$/gu, '');

/** Whether the word calls for the next one: it carries no punctuation and is an article, possessive or demonstrative. */
export const isArticle = (word: string): boolean => ARTICLES.has(word.toLowerCase());
export const isPreposition = (word: string): boolean => PREPOSITIONS.has(word.toLowerCase());
export const isConjunction = (word: string): boolean => CONJUNCTIONS.has(bare(word));
