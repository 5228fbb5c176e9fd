import type { Word } from '../core/index.ts';

/** How a word sounds: without case and punctuation. */
export const spokenForm = ({ text }: Pick<Word, 'text'>): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
