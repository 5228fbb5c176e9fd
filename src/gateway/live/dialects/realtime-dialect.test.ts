import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScriptoriumError, millis, type ErrorCode, type LiveEvent } from '../../../core/index.ts';
import type { DialectInput } from '../dialect.ts';
import { realtimeDialect } from './realtime-dialect.ts';
import { ended, final, finalized, partial, speechEnd, speechStart } from './testing/made-events.ts';
import { closeOf, commandsOf, messagesOf, opened, talk, text } from './testing/talk.ts';
import { CLEAR, COMMIT, MANUAL, SECOND, UPDATED, eventsOf, linesOf, say, update } from './testing/realtime-talk.ts';

const event = (one: LiveEvent): DialectInput => ({ type: 'event', seq: 1, event: one });
const events = (...all: readonly LiveEvent[]): readonly DialectInput[] => all.map(event);
const failed = (code: ErrorCode): DialectInput => ({
  type: 'failed',
  error: new ScriptoriumError(code, `it is ${code}`),
});

test('with server VAD an utterance is an item, told in OpenAI’s order', () => {
  const outputs = say(
    ...events(
      speechStart(0),
      partial(0, 1, 'And so my', 2),
      speechEnd(0),
      final(0, 'And so my fellow Americans'),
      speechStart(1),
      speechEnd(1),
      final(1, ''),
    ),
  );
  expect(linesOf(outputs)).toEqual([
    'speech_started 0',
    'speech_stopped 0',
    'committed 0',
    'added 0',
    'done 0',
    'delta 0 |And so|',
    'delta 0 | my fellow Americans|',
    'completed 0 |And so my fellow Americans|',
    'speech_started 1',
    'speech_stopped 1',
    'committed 1',
    'added 1',
    'done 1',
    'completed 1 ||',
  ]);
  expect(eventsOf(outputs)[0]).toMatchObject({ audio_start_ms: 0, item_id: 'item_0001_0' });
  expect(eventsOf(outputs)[1]).toMatchObject({ audio_end_ms: 1500 });
  expect(eventsOf(outputs)[2]).toMatchObject({ previous_item_id: null });
  expect(eventsOf(outputs)[7]).toMatchObject({ usage: { type: 'duration', seconds: 1 } });
  expect(eventsOf(outputs)[10]).toMatchObject({ previous_item_id: 'item_0001_0' });
});

test('a streaming model’s deltas come while it is spoken; the next item’s wait for the end of the one before', () => {
  const streaming = [
    update({ transcription: { model: 'gpt-realtime-whisper' }, turn_detection: { type: 'server_vad' } }),
  ];
  const outputs = say(
    ...streaming,
    UPDATED,
    ...events(speechStart(0), partial(0, 1, 'One two', 1), speechEnd(0), speechStart(1), partial(1, 1, 'three', 1)),
    ...events(final(0, 'One two')),
  );
  expect(linesOf(outputs).slice(1)).toEqual([
    'speech_started 0',
    'delta 0 |One|',
    'speech_stopped 0',
    'committed 0',
    'added 0',
    'done 0',
    'speech_started 1',
    'delta 0 | two|',
    'completed 0 |One two|',
    'delta 1 |three|',
  ]);
});

test('a client that sends everything at once and commits has one item of all that was said', () => {
  const outputs = say(
    update({ transcription: { model: 'whisper-1' }, turn_detection: null }),
    UPDATED,
    SECOND,
    SECOND,
    COMMIT,
    ...events(speechStart(0), speechEnd(0), final(0, 'One.'), speechStart(1), speechEnd(1), final(1, 'Two.')),
    ...events(finalized('turn-0', 1)),
  );
  expect(commandsOf(outputs).map(({ type }) => type)).toEqual(['update', 'audio', 'audio', 'finalize']);
  expect(linesOf(outputs)).toEqual([
    'session.updated',
    'committed 0',
    'added 0',
    'done 0',
    'delta 0 |One. Two.|',
    'completed 0 |One. Two.|',
  ]);
  expect(eventsOf(outputs).at(-1)).toMatchObject({ usage: { type: 'duration', seconds: 2 } });
});

test('what is said behind a commit belongs to the next, whenever it is heard', () => {
  const outputs = say(
    ...MANUAL,
    SECOND,
    ...events(speechStart(0)),
    COMMIT,
    SECOND,
    ...events(speechEnd(0), speechStart(1), speechEnd(1), final(0, 'a'), final(1, 'b'), finalized('turn-0', 0)),
    COMMIT,
    ...events(finalized('turn-1', 1)),
  );
  expect(linesOf(outputs).filter((line) => line.startsWith('completed'))).toEqual([
    'completed 0 |a|',
    'completed 1 |b|',
  ]);
});

test('a turn that VAD takes over is committed once the update is accepted; a refused one changes nothing', () => {
  const VAD = update({ turn_detection: { type: 'server_vad' }, transcription: { model: 'other' } });
  const taken = say(...MANUAL, SECOND, ...events(speechStart(0)), VAD, UPDATED);
  expect(linesOf(taken).slice(1)).toEqual(['committed 0', 'added 0', 'done 0', 'session.updated']);
  expect(commandsOf(taken).map(({ type }) => type)).toEqual(['update', 'audio', 'update', 'finalize']);
  const refused = say(...MANUAL, SECOND, ...events(speechStart(0)), VAD, failed('model-missing'), COMMIT);
  expect(linesOf(refused).slice(1)).toEqual(['error', 'committed 0', 'added 0', 'done 0']);
  expect(commandsOf(refused).map(({ type }) => type)).toEqual(['update', 'audio', 'update', 'finalize']);
});

test('a turn in which nobody spoke is completed, and empty', () => {
  const outputs = say(...MANUAL, SECOND, COMMIT, ...events(finalized('turn-0', -1)));
  expect(linesOf(outputs).slice(1)).toEqual(['committed 0', 'added 0', 'done 0', 'completed 0 ||']);
});

test('a commit of less than 100 ms is an error in OpenAI’s words, and the session goes on', () => {
  const tiny = text({ type: 'input_audio_buffer.append', audio: Buffer.alloc(240).toString('base64') });
  for (const before of [[], [...MANUAL]]) {
    const outputs = say(...before, tiny, COMMIT, SECOND);
    expect(messagesOf(outputs).at(-1)).toMatchObject({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        code: 'input_audio_buffer_commit_empty',
        message:
          'Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has 5.00ms of audio.',
        event_id: 'mine',
      },
    });
    expect(commandsOf(outputs).at(-1)?.type).toBe('audio');
  }
});

test('with server VAD a commit ends the utterance under way; without one it is an empty commit', () => {
  const cut = say(
    SECOND,
    ...events(speechStart(0)),
    COMMIT,
    ...events(speechEnd(0), final(0, 'a'), finalized('cut-0', 0)),
  );
  expect(linesOf(cut).at(-1)).toBe('completed 0 |a|');
  const vain = say(
    SECOND,
    ...events(speechStart(0), speechEnd(0), final(0, 'a')),
    COMMIT,
    ...events(finalized('cut-0', 0)),
  );
  expect(messagesOf(vain).at(-1)).toMatchObject({
    error: { code: 'input_audio_buffer_commit_empty', event_id: 'mine' },
  });
});

test('what is cleared is not told; what was told of it ends as failed, and the next item has a number of its own', () => {
  const silent = say(
    ...MANUAL,
    SECOND,
    ...events(speechStart(0)),
    CLEAR,
    ...events(speechEnd(0), final(0, '', 'cleared')),
  );
  expect(linesOf(silent).slice(1)).toEqual(['cleared']);
  expect(commandsOf(silent).at(-1)).toEqual({ type: 'clear' });
  const shown = say(
    update({ transcription: { model: 'gpt-live-transcribe' } }),
    UPDATED,
    SECOND,
    ...events(speechStart(0), partial(0, 1, 'One', 1)),
    CLEAR,
    ...events(speechEnd(0), final(0, '', 'cleared')),
    SECOND,
    COMMIT,
    ...events(finalized('turn-0', 0)),
  );
  expect(linesOf(shown).slice(1)).toEqual([
    'delta 0 |One|',
    'cleared',
    'failed 0',
    'committed 1',
    'added 1',
    'done 1',
    'completed 1 ||',
  ]);
});

test('sound that could not be transcribed ends its item as failed', () => {
  const outputs = say(...events(speechStart(0), speechEnd(0), final(0, 'One', 'failed')));
  expect(eventsOf(outputs).at(-1)).toMatchObject({ item_id: 'item_0001_0', error: { code: 'transcription_failed' } });
});

test.each([
  ['{"type":', { code: 'invalid_json', param: null, event_id: null }],
  ['[]', { code: 'invalid_event' }],
  ['{"event_id":"e"}', { code: 'missing_required_parameter', param: 'type', event_id: 'e' }],
  ['{"type":"response.create","event_id":"e"}', { code: 'invalid_value', param: 'type', event_id: 'e' }],
  ['{"type":"session.update"}', { code: 'missing_required_parameter', param: 'session' }],
  [
    '{"type":"session.update","session":{"audio":{"input":{"format":{"type":"audio/pcm","rate":44100}}}}}',
    { code: 'invalid_value', param: 'session.audio.input.format.rate' },
  ],
  ['{"type":"session.update","session":{"type":"realtime"}}', { code: 'invalid_value', param: 'session.type' }],
  ['{"type":"input_audio_buffer.append","audio":"a b!"}', { code: 'invalid_value', param: 'audio' }],
  ['{"type":"input_audio_buffer.append"}', { code: 'missing_required_parameter', param: 'audio' }],
])('%s is an error event that closes nothing', (sent, error) => {
  const outputs = say(text(sent), SECOND);
  expect(messagesOf(outputs)).toMatchObject([{ type: 'error', error: { type: 'invalid_request_error', ...error } }]);
  expect(outputs.at(-1)?.type).toBe('command');
});

test('binary messages are told off and not taken', () => {
  const outputs = say({ type: 'binary', bytes: new Uint8Array(4) });
  expect(outputs).toMatchObject([{ type: 'send', message: { error: { code: 'invalid_event' } } }]);
});

test('a session that can’t begin, or is closed from outside, is told why and closed', () => {
  const failure = talk(realtimeDialect, [opened('model=nope'), failed('model-missing'), SECOND]);
  expect(failure.slice(1)).toMatchObject([
    { type: 'send', message: { type: 'error', error: { code: 'model_not_found' } } },
    { type: 'close', code: 4400 },
  ]);
  expect(closeOf(say(failed('session-idle'), SECOND))).toMatchObject({ code: 4408 });
});

test('the end completes what was said and not committed, and says when it was for time', () => {
  const outputs = say(
    ...MANUAL,
    SECOND,
    ...events(speechStart(0), speechEnd(0), final(0, 'One'), ended('too-long')),
    SECOND,
  );
  expect(linesOf(outputs).slice(-3)).toEqual(['delta 0 |One|', 'completed 0 |One|', 'error']);
  expect(messagesOf(outputs).at(-1)).toMatchObject({ error: { code: 'session_expired' } });
  expect(outputs.at(-1)).toEqual({ type: 'close', code: 1000, reason: 'too-long' });
});

test('a text that begins otherwise than was told goes on behind it, so that deltas are the transcript still', () => {
  const outputs = say(
    ...events(speechStart(0), speechEnd(0), partial(0, 1, 'And so', 2), final(0, 'and so my 👋🏽 friend')),
  );
  expect(linesOf(outputs).slice(-3)).toEqual([
    'delta 0 |And so|',
    'delta 0 | my 👋🏽 friend|',
    'completed 0 |And so my 👋🏽 friend|',
  ]);
});

test('word of load, language, credit and the server’s stop has no place here', () => {
  const outputs = say(
    ...events({ type: 'load', step: 'partials-none' }, { type: 'language', language: 'en', probability: 1 }),
    { type: 'ack', received: 1, safe: 1, credit: 1 },
    { type: 'draining', deadline: millis(1) },
  );
  expect(outputs).toEqual([]);
});

test('whatever a client says, it is an answer, a command or a close, never a throw', () => {
  const types = [
    'session.update',
    'input_audio_buffer.append',
    'input_audio_buffer.commit',
    'input_audio_buffer.clear',
  ];
  const message = fc
    .tuple(fc.constantFrom(...types), fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), fc.jsonValue())
    .map(([type, fields, session]) => text({ ...fields, session, audio: session, type }));
  const input: fc.Arbitrary<DialectInput> = fc.oneof(
    message,
    fc.string().map(text),
    fc.uint8Array().map((bytes) => ({ type: 'binary', bytes }) as const),
    fc.constantFrom(SECOND, COMMIT, CLEAR, UPDATED, ...MANUAL),
  );
  fc.assert(
    fc.property(fc.array(input, { maxLength: 12 }), (inputs) => {
      expect(eventsOf(say(...inputs)).length).toBeLessThanOrEqual(4 * inputs.length);
    }),
  );
});
