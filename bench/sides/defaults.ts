import { DEFAULT_REQUEST } from '../../src/app/index.ts';
import type { TranscribeRequest } from '../../src/app/index.ts';

/** The command line's defaults, for a text without times in a language that is known; a test holds them equal. */
export const DEFAULTS: TranscribeRequest = { ...DEFAULT_REQUEST, language: 'en' };
