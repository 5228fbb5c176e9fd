/** Whisper's languages in token order: OpenAI's `LANGUAGES` (whisper/tokenizer.py), Cantonese last as large-v3 added it. */

export interface Language {
  /** ISO 639-1 code, or 639-3 where there is none (`haw`, `yue`): what stands in the token `<|code|>`. */
  readonly code: string;
  /** English name, as people write it. */
  readonly name: string;
}

const TABLE = `
  en English, zh Chinese, de German, es Spanish, ru Russian, ko Korean, fr French, ja Japanese, pt Portuguese, tr Turkish,
  pl Polish, ca Catalan, nl Dutch, ar Arabic, sv Swedish, it Italian, id Indonesian, hi Hindi, fi Finnish, vi Vietnamese,
  he Hebrew, uk Ukrainian, el Greek, ms Malay, cs Czech, ro Romanian, da Danish, hu Hungarian, ta Tamil, no Norwegian,
  th Thai, ur Urdu, hr Croatian, bg Bulgarian, lt Lithuanian, la Latin, mi Maori, ml Malayalam, cy Welsh, sk Slovak,
  te Telugu, fa Persian, lv Latvian, bn Bengali, sr Serbian, az Azerbaijani, sl Slovenian, kn Kannada, et Estonian,
  mk Macedonian, br Breton, eu Basque, is Icelandic, hy Armenian, ne Nepali, mn Mongolian, bs Bosnian, kk Kazakh,
  sq Albanian, sw Swahili, gl Galician, mr Marathi, pa Punjabi, si Sinhala, km Khmer, sn Shona, yo Yoruba, so Somali,
  af Afrikaans, oc Occitan, ka Georgian, be Belarusian, tg Tajik, sd Sindhi, gu Gujarati, am Amharic, yi Yiddish, lo Lao,
  uz Uzbek, fo Faroese, ht Haitian Creole, ps Pashto, tk Turkmen, nn Nynorsk, mt Maltese, sa Sanskrit, lb Luxembourgish,
  my Myanmar, bo Tibetan, tl Tagalog, mg Malagasy, as Assamese, tt Tatar, haw Hawaiian, ln Lingala, ha Hausa, ba Bashkir,
  jw Javanese, su Sundanese, yue Cantonese`;

/** All hundred, in the order of their tokens; models before large-v3 know the first 99. */
export const LANGUAGES: readonly Language[] = TABLE.split(',').map((entry) => {
  const [code = '', ...name] = entry.trim().split(' ');
  return { code, name: name.join(' ') };
});

const NAMES: ReadonlyMap<string, string> = new Map(LANGUAGES.map(({ code, name }) => [code, name]));

/** Other names that people and OpenAI's tools use, in lower case. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['burmese', 'my'],
  ['valencian', 'ca'],
  ['flemish', 'nl'],
  ['haitian', 'ht'],
  ['letzeburgesch', 'lb'],
  ['pushto', 'ps'],
  ['panjabi', 'pa'],
  ['moldavian', 'ro'],
  ['moldovan', 'ro'],
  ['sinhalese', 'si'],
  ['castilian', 'es'],
  ['mandarin', 'zh'],
  ['javanese', 'jw'],
  ['jv', 'jw'],
]);

const BY_WORD: ReadonlyMap<string, string> = new Map([
  ...ALIASES,
  ...LANGUAGES.flatMap(({ code, name }): [string, string][] => [
    [name.toLowerCase(), code],
    [code, code],
  ]),
]);

/**
 * The code of a language given by code, English name, alias or tag (`en`, `German`, `flemish`, `pt-BR`) in any case;
 * undefined when Whisper has no such language.
 */
export function languageCode(word: string): string | undefined {
  const asked = word.trim().toLowerCase();
  return BY_WORD.get(asked) ?? BY_WORD.get(asked.replace(/[-_].*$/, ''));
}

/** The English name of a code, as people write it; the code itself when there is none. */
export function languageName(code: string): string {
  return NAMES.get(code) ?? code;
}
