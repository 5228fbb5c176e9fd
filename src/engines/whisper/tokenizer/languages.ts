/** Whisper's languages in token order; the table is a word of the whole project. */
export { LANGUAGES, languageCode } from '../../../core/index.ts';
