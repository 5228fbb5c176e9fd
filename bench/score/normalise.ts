/** English as the bench compares it: two spellings of the same spoken words become the same list of words. */
import { digitsFromWords } from './number-words.ts';

const FILLERS = new Set(['hmm', 'hm', 'mm', 'mhm', 'mmm', 'uh', 'um', 'uhm', 'erm']);

/** Applied in order, each wherever it ends at a word's end. */
const CONTRACTIONS: readonly (readonly [pattern: RegExp, full: string])[] = [
  ["\\bwon't", 'will not'],
  ["\\bcan't", 'can not'],
  ['\\bcannot', 'can not'],
  ["\\blet's", 'let us'],
  ["\\bain't", 'aint'],
  ["\\by'all", 'you all'],
  ['\\bwanna', 'want to'],
  ['\\bgotta', 'got to'],
  ['\\bgonna', 'going to'],
  ["\\bi'ma", 'i am going to'],
  ['\\bimma', 'i am going to'],
  ['\\bwoulda', 'would have'],
  ['\\bcoulda', 'could have'],
  ['\\bshoulda', 'should have'],
  ["\\bma'am", 'madam'],
  ["\\bo'clock", 'oclock'],
  ["\\by'know", 'you know'],
  ['\\byknow', 'you know'],
  ['\\balright', 'all right'],
  ["'d been", ' had been'],
  ["'s been", ' has been'],
  ["'d gone", ' had gone'],
  ["'s gone", ' has gone'],
  ["'d done", ' had done'],
  ["'s got", ' has got'],
  ["n't", ' not'],
  ["'re", ' are'],
  ["'s", ' is'],
  ["'d", ' would'],
  ["'ll", ' will'],
  ["'t", ' not'],
  ["'ve", ' have'],
  ["'m", ' am'],
].map(([pattern = '', full = '']) => [new RegExp(`${pattern}\\b`, 'g'), full]);

const table = (pairs: string): ReadonlyMap<string, string> =>
  new Map(
    pairs
      .trim()
      .split(/\s+/)
      .map((pair) => {
        const [from = '', to = ''] = pair.split('=');
        return [from, to] as const;
      }),
  );

const TITLES = table(`
  mr=mister mrs=missus ms=miss dr=doctor prof=professor capt=captain gov=governor gen=general sen=senator
  rep=representative pres=president rev=reverend hon=honorable lt=lieutenant col=colonel sgt=sergeant jr=junior
  sr=senior esq=esquire st=saint etc=etcetera vs=versus ok=okay`);

/** British to American, for the words that read books hold. */
const SPELLINGS = table(`
  colour=color colours=colors coloured=colored favour=favor favours=favors favourite=favorite honour=honor
  honours=honors honourable=honorable labour=labor labours=labors neighbour=neighbor neighbours=neighbors
  neighbourhood=neighborhood harbour=harbor humour=humor humoured=humored rumour=rumor vapour=vapor parlour=parlor
  savour=savor splendour=splendor valour=valor vigour=vigor endeavour=endeavor endeavoured=endeavored
  behaviour=behavior odour=odor armour=armor centre=center theatre=theater fibre=fiber metre=meter metres=meters
  litre=liter grey=gray defence=defense offence=offense licence=license practise=practice programme=program
  travelled=traveled travelling=traveling traveller=traveler cancelled=canceled marvellous=marvelous
  jewellery=jewelry realise=realize realised=realized recognise=recognize recognised=recognized organise=organize
  organised=organized organisation=organization civilisation=civilization idealisation=idealization
  apologise=apologize analyse=analyze cheque=check plough=plow ploughed=plowed towards=toward afterwards=afterward
  enquire=inquire enquired=inquired enquiry=inquiry skilful=skillful fulfil=fulfill wilful=willful storey=story
  tyre=tire pyjamas=pajamas moustache=mustache gaol=jail judgement=judgment learnt=learned spelt=spelled
  whilst=while amongst=among`);

const CURRENCIES = new Map([
  ['$', 'dollars'],
  ['£', 'pounds'],
  ['€', 'euros'],
]);

/** Lower-case words without punctuation; numbers as digits, contractions and titles in full, fillers left out. */
export function normaliseEnglish(text: string): readonly string[] {
  let line = text.normalize('NFKC').toLowerCase();
  line = line.replace(/[<[][^>\]]*[>\]]/g, ' ').replace(/\([^()]*\)/g, ' ');
  line = line.replace(/[‘’ʼ`´]/g, "'").replace(/\s+'/g, " '");
  for (const [pattern, full] of CONTRACTIONS) line = line.replace(pattern, full);
  line = line.normalize('NFKD').replace(/\p{M}/gu, '');
  line = line.replace(/(\d),(?=\d{3})/g, '$1').replace(/(\d)\.(\d)/g, '$1 point $2');
  line = line.replace(/\b([a-z])\.(?=[a-z]\b)/g, '$1').replace(/\b([ap])\.? ?m\b\.?/g, '$1m');
  line = line
    .replace(/%/g, ' percent ')
    .replace(/\bper cent\b/g, 'percent')
    .replace(/&/g, ' and ');
  line = line.replace(
    /([$£€])\s*(\d+(?: point \d+)?(?: (?:thousand|million|billion|trillion)\b)?)/g,
    (_all, sign: string, amount: string) => ` ${amount} ${CURRENCIES.get(sign) ?? ''} `,
  );
  line = line
    .replace(/'/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  if (line === '') return [];
  const words = line.split(' ').map((word) => TITLES.get(word) ?? SPELLINGS.get(word) ?? word);
  return digitsFromWords(words.filter((word) => !FILLERS.has(word)));
}
