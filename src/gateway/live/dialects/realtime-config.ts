import type { LiveAudioFormat, LiveTurns } from '../../../core/index.ts';
import { millis } from '../../../core/index.ts';
import {
  isFileModel,
  isStreamingModel,
  type RealtimeFormat,
  type RealtimeSession,
  type RealtimeSessionAsk,
  type RealtimeTranscription,
  type RealtimeTurnDetection,
} from '../../../protocol/index.ts';
import type { AskedLive, LiveFacts } from '../dialect.ts';

/** What a client asked for so far. */
export interface RealtimeConfig {
  readonly format: RealtimeFormat;
  readonly transcription: RealtimeTranscription;
  readonly noiseReduction: RealtimeSession['audio']['input']['noise_reduction'];
  /** `unset` until the client says: the model's name decides. */
  readonly turnDetection: RealtimeTurnDetection | null | 'unset';
  readonly include: RealtimeSession['include'];
}

/** As OpenAI's sessions begin. */
export const firstConfig = (model: string | null): RealtimeConfig => ({
  format: { type: 'audio/pcm', rate: 24_000 },
  transcription: model === null || model === '' ? {} : { model },
  noiseReduction: null,
  turnDetection: 'unset',
  include: null,
});

/** OpenAI's defaults; the bounds are those of `stt.live.v1`. */
const THRESHOLD = { default: 0.5, min: 0.05, max: 0.95 };
const PREFIX = { default: 300, min: 0, max: 1000 };
const SILENCE = { default: 500, min: 100, max: 5000 };
const LONGEST = millis(28_000);
/** How long semantic VAD lets somebody speak before it answers. */
const EAGER_LONGEST = { low: millis(8000), medium: millis(4000), auto: millis(4000), high: millis(2000) };
/** Of pcmu and pcma. */
const G711_RATE = 8000;

const within = (value: number | null | undefined, { default: usual, min, max }: typeof THRESHOLD): number =>
  Math.min(max, Math.max(min, value ?? usual));

/** The configuration with what is present in `ask`; null clears. */
export function withAsk(config: RealtimeConfig, { audio, include }: RealtimeSessionAsk): RealtimeConfig {
  const { format, transcription, noise_reduction: noise, turn_detection: turns } = audio?.input ?? {};
  return {
    format: format ?? config.format,
    transcription: transcription === null ? NO_TRANSCRIPTION : { ...config.transcription, ...transcription },
    noiseReduction: noise === undefined ? config.noiseReduction : noise,
    turnDetection: turns === undefined ? config.turnDetection : turns,
    include: include === undefined ? config.include : include,
  };
}

const NO_TRANSCRIPTION: RealtimeTranscription = { language: null, prompt: null, keywords: null };

/** The turn detection that holds; null leaves turns to the client's commits. */
export function turnDetection({ turnDetection: asked, transcription }: RealtimeConfig): RealtimeTurnDetection | null {
  if (asked === null) return null;
  if (asked === 'unset') {
    return isStreamingModel(transcription.model ?? '') ? null : serverVad({ type: 'server_vad' });
  }
  return asked.type === 'server_vad' ? serverVad(asked) : { type: asked.type, eagerness: asked.eagerness ?? 'auto' };
}

const serverVad = (asked: Extract<RealtimeTurnDetection, { type: 'server_vad' }>): RealtimeTurnDetection => ({
  type: 'server_vad',
  threshold: within(asked.threshold, THRESHOLD),
  prefix_padding_ms: within(asked.prefix_padding_ms, PREFIX),
  silence_duration_ms: within(asked.silence_duration_ms, SILENCE),
});

/** What the session is asked for. */
export function askedByConfig(config: RealtimeConfig): AskedLive {
  const { model, prompt, keywords } = config.transcription;
  const language = languageOf(config.transcription);
  return {
    ...(model === undefined ? {} : { model }),
    audio: audioOf(config.format),
    turns: turnsOf(turnDetection(config)),
    options: {
      ...(language === undefined ? {} : { language }),
      ...(prompt === undefined ? {} : { prompt: prompt ?? '' }),
      ...(keywords === undefined ? {} : { keywords: keywords ?? [] }),
    },
    partials: true,
  };
}

function languageOf({ language, languages }: RealtimeTranscription): string | undefined {
  if (language !== undefined && language !== '' && language !== null) return language;
  if (languages !== undefined && languages !== null && languages.length > 0) {
    return languages.length === 1 ? languages[0] : 'auto';
  }
  return language === undefined ? undefined : 'auto';
}

const audioOf = (format: RealtimeFormat): LiveAudioFormat => {
  if (format.type === 'audio/pcm') return { encoding: 'pcm_s16le', sampleRate: format.rate, channels: 1 };
  return { encoding: format.type === 'audio/pcmu' ? 'mulaw' : 'alaw', sampleRate: G711_RATE, channels: 1 };
};

function turnsOf(detection: RealtimeTurnDetection | null): Partial<LiveTurns> {
  if (detection === null) return { mode: 'manual', longest: LONGEST };
  const isServer = detection.type === 'server_vad';
  return {
    mode: 'vad',
    threshold: within(isServer ? detection.threshold : undefined, THRESHOLD),
    prefix: millis(within(isServer ? detection.prefix_padding_ms : undefined, PREFIX)),
    silence: millis(within(isServer ? detection.silence_duration_ms : undefined, SILENCE)),
    longest: isServer ? LONGEST : EAGER_LONGEST[detection.eagerness ?? 'auto'],
  };
}

/** How long so many bytes of this format are. */
export const lengthOf = (bytes: number, format: RealtimeFormat): number =>
  format.type === 'audio/pcm' ? (bytes / 2 / format.rate) * 1000 : (bytes / G711_RATE) * 1000;

/**
 * Whether text is told while it is spoken. OpenAI's names for models that hear a turn when it is over, and a client that names none, get
 * deltas behind the turn's commit only.
 */
export const showsEarly = ({ transcription: { model } }: RealtimeConfig): boolean =>
  model !== undefined && !isFileModel(model);

type SessionFacts = Pick<LiveFacts, 'session' | 'expiresAt' | 'model'>;

/** The session that holds, as it is told. */
export const sessionOf = (config: RealtimeConfig, { session, expiresAt, model }: SessionFacts): RealtimeSession => ({
  type: 'transcription',
  id: `sess_${shortId(session)}`,
  object: 'realtime.transcription_session',
  expires_at: Math.floor(expiresAt / 1000),
  include: config.include,
  audio: {
    input: {
      format: config.format,
      transcription: { model, ...config.transcription },
      noise_reduction: config.noiseReduction,
      turn_detection: turnDetection(config),
    },
  },
});

/** The session that a client secret is for: as it would begin, were its socket opened now. */
export const secretSession = (ask: RealtimeSessionAsk, facts: SessionFacts): RealtimeSession =>
  sessionOf(withAsk(firstConfig(null), ask), facts);

/** What tells one session's ids from another's. */
export const shortId = (session: string): string => session.replace(/^live_/, '');
