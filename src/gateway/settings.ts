import { millis, type Millis } from '../core/index.ts';
import { DEFAULT_LIVE_SETTINGS, type LiveSettings } from './live/live-settings.ts';

/** What one key may use; none of them is bounded unless a number is given. */
export interface KeyLimits {
  readonly requestsPerMinute?: number;
  readonly audioSecondsPerHour?: number;
  /** Transcriptions of one key that wait or run, of any kind. */
  readonly jobsAtOnce?: number;
}

/** Every bound and choice of the HTTP side. */
export interface GatewaySettings {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Whether to listen beyond the machine without any key. */
  readonly allowOpen: boolean;
  /** Web origins whose pages may call; `*` is all of them. */
  readonly cors: readonly string[];
  readonly limits: KeyLimits;

  readonly uploadBytes: number;
  /** Uploads received at once; more are told to come back. */
  readonly uploadsAtOnce: number;
  /** An upload that sends nothing for so long is given up. */
  readonly uploadIdle: Millis;
  /** Longest time for a whole request to arrive. */
  readonly uploadTotal: Millis;
  /** Longest time for the head of a request. */
  readonly headTotal: Millis;
  readonly connections: number;

  /** A blocking answer that takes longer is begun before its end is known. */
  readonly hold: Millis;
  /** How often such an answer, or a silent stream of events, gives a sign. */
  readonly beat: Millis;
  /** How long work that all its clients left is kept for one that comes back with the same upload. */
  readonly abandoned: Millis;
  /** How long what a blocking answer came from is kept at most, when nobody deletes it. */
  readonly answered: Millis;
  /** How long jobs and their text are kept after the end. */
  readonly retention: Millis;
  /** Longest `Prefer: wait` and `?wait`. */
  readonly longestWait: Millis;

  /** Fetching a URL: whether addresses of private networks may be asked, and how long it may take. */
  readonly privateUrls: boolean;
  readonly fetchTotal: Millis;

  readonly live: LiveSettings;
}

const GIB = 1024 ** 3;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const DEFAULT_GATEWAY_SETTINGS: GatewaySettings = {
  host: '127.0.0.1',
  port: 8080,
  allowOpen: false,
  cors: [],
  limits: {},
  uploadBytes: 4 * GIB,
  uploadsAtOnce: 64,
  uploadIdle: millis(30 * SECOND),
  uploadTotal: millis(2 * HOUR),
  headTotal: millis(10 * SECOND),
  connections: 2048,
  hold: millis(25 * SECOND),
  beat: millis(10 * SECOND),
  abandoned: millis(10 * SECOND),
  answered: millis(10 * MINUTE),
  retention: millis(24 * HOUR),
  longestWait: millis(MINUTE),
  privateUrls: false,
  fetchTotal: millis(15 * MINUTE),
  live: DEFAULT_LIVE_SETTINGS,
};
