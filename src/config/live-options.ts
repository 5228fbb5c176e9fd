import type { Option } from './option.ts';

/** What only `scriptorium live` reads. */
export const LIVE_OPTIONS = {
  microphone: {
    flag: 'microphone',
    default: false,
    doc: 'Listen to the microphone of this machine, by arecord, sox or ffmpeg',
    group: 'Live',
  },
  raw: {
    flag: 'raw',
    default: false,
    doc: 'What comes in is bare samples: 16 kHz, mono, 16 bit little-endian',
    group: 'Live',
  },
  speed: {
    flag: 'speed',
    value: 'N',
    default: 1,
    unit: 'times real time',
    doc: 'How fast a recording is spoken; 0 is as fast as the server takes it',
    group: 'Live',
  },
  plain: {
    flag: 'plain',
    default: false,
    doc: 'Only final text, a line an utterance, as it is where no terminal is',
    group: 'Live',
  },
} as const satisfies Record<string, Option>;
