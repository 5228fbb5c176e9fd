import type { LiveEvent, LiveLedger, Millis, Samples, Word } from '../../../core/index.ts';
import { samplesToMillis } from '../../../core/index.ts';
import type { LiveServerMessage } from '../../../protocol/index.ts';
import type { LiveFacts } from '../dialect.ts';

/** The message of an event, each event having exactly one. @param facts what the log does not hold */
export function eventMessage(seq: number, event: LiveEvent, facts: LiveFacts): LiveServerMessage {
  switch (event.type) {
    case 'started':
      return startedMessage(seq, facts);
    case 'speech-start':
      return { type: 'speech_start', seq, segment: event.utterance, at_ms: wireMillis(event.at) };
    case 'speech-end':
      return { type: 'speech_end', seq, segment: event.utterance, at_ms: wireMillis(event.at) };
    case 'language':
      return { type: 'language', seq, code: event.language, probability: event.probability };
    case 'partial': {
      const { utterance, revision, from, to, text, stable } = event;
      return {
        type: 'partial',
        seq,
        segment: utterance,
        rev: revision,
        start_ms: wireMillis(from),
        end_ms: wireMillis(to),
        text,
        stable,
        ...(facts.words ? { words: event.words.map(wireWord) } : {}),
      };
    }
    case 'final':
      return {
        type: 'final',
        seq,
        segment: event.utterance,
        start_ms: wireMillis(event.from),
        end_ms: wireMillis(event.to),
        text: event.text,
        ...(facts.words ? { words: event.words.map(wireWord) } : {}),
        language: event.language,
        avg_logprob: event.avgLogprob,
        no_speech_prob: event.noSpeechProbability,
      };
    case 'finalized':
      return { type: 'finalized', seq, id: event.id, bytes: event.bytes };
    case 'load':
      return { type: 'load', seq, step: event.step };
    case 'moved':
      return { type: 'moved', seq };
    case 'warning':
      return { type: 'warning', seq, code: event.code, message: event.message };
    case 'ended':
      return endedMessage(seq, event);
  }
}

const startedMessage = (
  seq: number,
  { session, resumeToken, viewToken, model, audio, limits, continues }: LiveFacts,
): LiveServerMessage => ({
  type: 'started',
  seq,
  session_id: session,
  resume_token: resumeToken,
  view_token: viewToken,
  model,
  audio: { encoding: audio.encoding, sample_rate: audio.sampleRate, channels: audio.channels },
  limits: {
    max_frame_bytes: limits.frameBytes,
    ahead_ms: limits.ahead,
    replay_ms: limits.replay,
    idle_ms: limits.idle,
    resume_ms: limits.resume,
    max_session_ms: limits.longest,
  },
  ...(continues === undefined ? {} : { continues: { session_id: continues.session, bytes: continues.bytes } }),
});

const endedMessage = (
  seq: number,
  { reason, ledger, figures }: Extract<LiveEvent, { type: 'ended' }>,
): LiveServerMessage => ({
  type: 'ended',
  seq,
  reason,
  audio_ms: samplesToMillis(ledger.received),
  segments: figures.finals,
  ledger: ledgerIn(ledger, (count) => count),
  ledger_ms: ledgerIn(ledger, samplesToMillis),
  figures: {
    partials: figures.partials,
    finals: figures.finals,
    resumes: figures.resumes,
    words: figures.words,
    changed_words: figures.changedWords,
  },
});

/** Milliseconds have sixteenths here, so that they too add up. */
const ledgerIn = (
  { received, transcribed, silence, suppressed, dropped }: LiveLedger,
  unit: (count: Samples) => number,
) => ({
  received: unit(received),
  transcribed: unit(transcribed),
  silence: unit(silence),
  suppressed: { no_speech: unit(suppressed['no-speech']) },
  dropped: { failed: unit(dropped.failed), cleared: unit(dropped.cleared), gap: unit(dropped.gap) },
});

const wireWord = ({ text, start, end, probability }: Word) => ({
  w: text,
  start_ms: whole(start),
  end_ms: whole(end),
  p: Math.round(probability * 1000) / 1000,
});

/** Rounded down, so that nothing is told of audio that did not come. */
const whole = (time: Millis): number => Math.max(0, Math.floor(time));
const wireMillis = (position: Samples): number => whole(samplesToMillis(position));
