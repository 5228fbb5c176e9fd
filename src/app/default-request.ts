import { DEFAULT_DECODE_OPTIONS } from '../core/index.ts';
import type { TranscribeRequest } from './app.ts';

/** What a transcription is when nothing is asked for; the command line's defaults say the same. */
export const DEFAULT_REQUEST: TranscribeRequest = {
  ...DEFAULT_DECODE_OPTIONS,
  keywords: [],
  previousText: false,
  channels: 'mix',
};
