import { expect, test } from 'vitest';
import { ScriptoriumError, type ErrorCode } from '../../../core/index.ts';
import type { DialectInput } from '../dialect.ts';
import { realtimeDialect } from './realtime-dialect.ts';
import { closeOf, commandsOf, messagesOf, opened, talk, text } from './testing/talk.ts';
import { COMMIT, MANUAL, SECOND, STARTED, UPDATED, eventsOf, say, update } from './testing/realtime-talk.ts';

const failed = (code: ErrorCode): DialectInput => ({
  type: 'failed',
  error: new ScriptoriumError(code, `it is ${code}`),
});
const sessionOf = (inputs: readonly DialectInput[]) => {
  const [last] = eventsOf(say(...inputs)).slice(-1);
  return last !== undefined && 'session' in last ? last.session.audio.input : undefined;
};

test('a session is begun at once as OpenAI’s are, and told before anything is asked', () => {
  const outputs = talk(realtimeDialect, [opened('intent=transcription'), STARTED]);
  expect(commandsOf(outputs)).toEqual([
    {
      type: 'start',
      asked: {
        audio: { encoding: 'pcm_s16le', sampleRate: 24_000, channels: 1 },
        turns: { mode: 'vad', threshold: 0.5, prefix: 300, silence: 500, longest: 28_000 },
        options: {},
        partials: true,
      },
    },
  ]);
  expect(eventsOf(outputs)).toEqual([
    {
      event_id: 'event_0001_0',
      type: 'session.created',
      session: {
        type: 'transcription',
        id: 'sess_0001',
        object: 'realtime.transcription_session',
        expires_at: 1_700_000_000,
        include: null,
        audio: {
          input: {
            format: { type: 'audio/pcm', rate: 24_000 },
            transcription: { model: 'tiny.en' },
            noise_reduction: null,
            turn_detection: {
              type: 'server_vad',
              threshold: 0.5,
              prefix_padding_ms: 300,
              silence_duration_ms: 500,
            },
          },
        },
      },
    },
  ]);
});

test.each([
  ['gpt-realtime-whisper', null],
  ['gpt-realtime-whisper-2026-01-01', null],
  ['gpt-live-transcribe', null],
  ['whisper-1', 'server_vad'],
  ['tiny.en', 'server_vad'],
])('%s named in the address, or by an update without turn_detection, has the turn detection %s', (model, type) => {
  const [created] = eventsOf(talk(realtimeDialect, [opened(`model=${model}`), STARTED]));
  expect(created).toMatchObject({ session: { audio: { input: { transcription: { model } } } } });
  const turns = type === null ? null : { type };
  expect(created).toMatchObject({ session: { audio: { input: { turn_detection: turns } } } });
  expect(sessionOf([update({ transcription: { model } }), UPDATED])).toMatchObject({ turn_detection: turns });
});

test('only what is present changes, null clears, and the answer is what holds', () => {
  const first = update({
    format: { type: 'audio/pcmu' },
    transcription: { model: 'gpt-4o-transcribe', language: 'en', prompt: 'p', keywords: ['k'], delay: 'low' },
    noise_reduction: { type: 'near_field' },
    turn_detection: { type: 'server_vad', silence_duration_ms: 20, threshold: 1, create_response: true },
  });
  expect(sessionOf([first, UPDATED, update({ transcription: { prompt: null } }), UPDATED])).toEqual({
    format: { type: 'audio/pcmu' },
    transcription: { model: 'gpt-4o-transcribe', language: 'en', prompt: null, keywords: ['k'], delay: 'low' },
    noise_reduction: { type: 'near_field' },
    turn_detection: { type: 'server_vad', threshold: 0.95, prefix_padding_ms: 300, silence_duration_ms: 100 },
  });
  const [, second] = commandsOf(say(first, UPDATED, update({ transcription: { prompt: null } })));
  expect(second).toMatchObject({
    type: 'update',
    asked: {
      model: 'gpt-4o-transcribe',
      audio: { encoding: 'mulaw', sampleRate: 8000 },
      turns: { mode: 'vad', silence: 100, threshold: 0.95 },
      options: { language: 'en', prompt: '', keywords: ['k'] },
    },
  });
});

test.each([
  ['low', 8000],
  ['medium', 4000],
  ['auto', 4000],
  ['high', 2000],
])('semantic VAD of %s eagerness lets nobody speak for more than %i ms', (eagerness, longest) => {
  const [command] = commandsOf(say(update({ turn_detection: { type: 'semantic_vad', eagerness } })));
  expect(command).toMatchObject({ asked: { turns: { mode: 'vad', longest } } });
});

test.each([
  [{ language: 'de' }, 'de'],
  [{ languages: ['de'] }, 'de'],
  [{ languages: ['de', 'en'] }, 'auto'],
  [{ language: null }, 'auto'],
  [{ language: '' }, 'auto'],
])('languages asked for as %j are %s', (transcription, language) => {
  expect(commandsOf(say(update({ transcription })))).toMatchObject([{ asked: { options: { language } } }]);
});

test('an update that can’t be is told with its event’s id, and nothing has changed', () => {
  const outputs = say(update({ transcription: { model: 'nope' } }, 'u7'), failed('model-missing'), ...MANUAL);
  expect(messagesOf(outputs)[0]).toMatchObject({
    type: 'error',
    error: { type: 'invalid_request_error', code: 'model_not_found', event_id: 'u7' },
  });
  expect(messagesOf(outputs)[1]).toMatchObject({
    session: { audio: { input: { transcription: { model: 'tiny.en' } } } },
  });
  expect(closeOf(outputs)).toBeUndefined();
});

test('a session of a client secret begins as the secret was made', () => {
  const session = { audio: { input: { turn_detection: null, transcription: { model: 'whisper-1', language: 'en' } } } };
  const outputs = talk(realtimeDialect, [
    { type: 'open', query: new URLSearchParams(), protocols: [], betas: [], session },
    STARTED,
  ]);
  expect(commandsOf(outputs)).toMatchObject([
    { type: 'start', asked: { model: 'whisper-1', turns: { mode: 'manual' }, options: { language: 'en' } } },
  ]);
  expect(messagesOf(outputs)).toMatchObject([{ session: session }]);
});

test.each([
  { protocols: ['realtime', 'openai-beta.realtime-v1'], betas: [] },
  { protocols: [], betas: ['assistants=v2', 'realtime=v1'] },
])('a client that asks for the beta is answered in its names: %o', (request) => {
  const session = {
    input_audio_format: 'g711_ulaw',
    input_audio_transcription: { model: 'gpt-4o-transcribe', language: 'en' },
    turn_detection: null,
    input_audio_noise_reduction: { type: 'near_field' },
  };
  const outputs = talk(realtimeDialect, [
    { type: 'open', query: new URLSearchParams(), ...request },
    STARTED,
    text({ type: 'transcription_session.update', session }),
    UPDATED,
    SECOND,
    COMMIT,
  ]);
  expect(commandsOf(outputs)[1]).toMatchObject({
    asked: { audio: { encoding: 'mulaw' }, turns: { mode: 'manual' }, options: { language: 'en' } },
  });
  expect(messagesOf(outputs).map(({ type }) => type)).toEqual([
    'transcription_session.created',
    'transcription_session.updated',
    'input_audio_buffer.committed',
    'conversation.item.created',
  ]);
  expect(messagesOf(outputs)[1]).toMatchObject({ session: { ...session, id: 'sess_0001', client_secret: null } });
});

test('a beta update without its sub-protocol has its answer in the beta’s names too, and what is wrong in it is named', () => {
  const empty = text({ type: 'transcription_session.update', session: {} });
  expect(messagesOf(say(empty, UPDATED))).toMatchObject([{ type: 'transcription_session.updated' }]);
  const wrong = text({ type: 'transcription_session.update', session: { input_audio_format: 'mp3' } });
  expect(messagesOf(say(wrong))).toMatchObject([{ type: 'error', error: { param: 'session.input_audio_format' } }]);
});
