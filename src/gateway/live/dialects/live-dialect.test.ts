import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ERRORS, ScriptoriumError, millis, type ErrorCode, type LiveEvent } from '../../../core/index.ts';
import { CLOSE_CODES, LIVE_CONTROLS, LIVE_EVENTS, MAX_REASON_BYTES } from '../../../protocol/index.ts';
import type { DialectInput } from '../dialect.ts';
import { liveDialect } from './live-dialect.ts';
import { ended, final, finalized, partial, speechEnd, speechStart } from './testing/made-events.ts';
import { madeFacts } from './testing/made-facts.ts';
import { closeOf, commandsOf, messagesOf, opened, talk, text } from './testing/talk.ts';

const START = text({ type: 'start', audio: { encoding: 'pcm_s16le' } });
const RESUME = text({ type: 'resume', session_id: 'live_0001', resume_token: 'resume-me', last_seq: 2 });
const WATCH = text({ type: 'watch', session_id: 'live_0001', view_token: 'watch-me', last_seq: 0 });
const started: DialectInput = { type: 'started', facts: madeFacts() };
const resumed = (after: number): DialectInput => ({ type: 'resumed', facts: madeFacts(), received: 640, after });
const sound: DialectInput = { type: 'binary', bytes: new Uint8Array(640) };
const event = (seq: number, one: LiveEvent): DialectInput => ({ type: 'event', seq, event: one });
const failed = (code: ErrorCode): DialectInput => ({
  type: 'failed',
  error: new ScriptoriumError(code, `it is ${code}`),
});

const say = (...inputs: readonly DialectInput[]) => talk(liveDialect, [opened(), ...inputs]);
const LIVE = [START, started] as const;

const LOG: readonly LiveEvent[] = [
  { type: 'started' },
  speechStart(0),
  { type: 'language', language: 'en', probability: 0.98 },
  partial(0, 1, 'The quick brown', 1),
  { type: 'load', step: 'partials-slow' },
  partial(0, 2, 'The quick brown fox', 3),
  speechEnd(0),
  final(0, 'The quick brown fox.'),
  finalized('f1', 0),
  { type: 'warning', code: 'server-busy', message: 'it is slow' },
  ended(),
];

const AnyMessage = z.union([...Object.values(LIVE_EVENTS), ...Object.values(LIVE_CONTROLS)]);

test('start asks for what was said and nothing else', () => {
  const asked = text({
    type: 'start',
    model: 'tiny.en',
    language: null,
    task: 'translate',
    audio: { encoding: 'opus', sample_rate: 48_000, channels: 2 },
    turns: { mode: 'manual', silence_ms: 700, threshold: 0.4, prefix_ms: 100, max_ms: 9000 },
    partials: false,
    prompt: 'p',
    keywords: ['k'],
    metadata: { a: 'b' },
  });
  expect(commandsOf(say(asked))).toEqual([
    {
      type: 'start',
      asked: {
        model: 'tiny.en',
        audio: { encoding: 'opus', sampleRate: 48_000, channels: 2 },
        turns: { mode: 'manual', silence: 700, threshold: 0.4, prefix: 100, longest: 9000 },
        options: { language: 'auto', task: 'translate', prompt: 'p', keywords: ['k'] },
        partials: false,
        metadata: { a: 'b' },
      },
    },
  ]);
  expect(commandsOf(say(text({ type: 'start', words: false })))).toMatchObject([{ asked: { words: false } }]);
  expect(commandsOf(say(text({ type: 'start' })))).toEqual([{ type: 'start', asked: { options: {} } }]);
});

test('a session is told from its start to its end, each event as the one message of its number', () => {
  const told = messagesOf(say(...LIVE, sound, ...LOG.map((one, index) => event(index + 1, one))));
  for (const message of told) expect(AnyMessage.safeParse(message).error).toBeUndefined();
  expect(told.map(({ type, seq }) => [type, seq])).toEqual([
    ['started', 1],
    ['speech_start', 2],
    ['language', 3],
    ['partial', 4],
    ['load', 5],
    ['partial', 6],
    ['speech_end', 7],
    ['final', 8],
    ['finalized', 9],
    ['warning', 10],
    ['ended', 11],
  ]);
  expect(told[0]).toMatchObject({ session_id: 'live_0001', resume_token: 'resume-me', view_token: 'watch-me' });
  expect(told[5]).toMatchObject({ segment: 0, rev: 2, start_ms: 0, end_ms: 500, stable: 15 });
  expect(told[7]).toMatchObject({ text: 'The quick brown fox.', start_ms: 0, end_ms: 1000, language: 'en' });
  expect(told[7]?.['words']).toContainEqual({ w: 'brown', start_ms: 20, end_ms: 29, p: 0.912 });
});

test('the last event has a ledger that adds up, in samples and in milliseconds, and then the socket is closed', () => {
  const outputs = say(...LIVE, event(2, ended()));
  const { ledger, ledger_ms: ms, audio_ms: length } = LIVE_EVENTS.ended.parse(messagesOf(outputs)[1]);
  for (const { received, transcribed, silence, suppressed, dropped } of [ledger, ms]) {
    const parts = transcribed + silence + suppressed.no_speech + dropped.failed + dropped.cleared + dropped.gap;
    expect(parts).toBe(received);
  }
  expect([ledger.received, ms.received, length]).toEqual([48_001, 3000.0625, 3000.0625]);
  expect(outputs.at(-1)).toEqual({ type: 'close', code: 1000, reason: 'done' });
});

test('a session that goes on for another says so to whoever hears its start', () => {
  const continues = { session_id: 'live_0000', bytes: 640 };
  const facts = madeFacts({ continues: { session: 'live_0000', bytes: 640 } });
  const outputs = say(text({ type: 'start', continues }), { type: 'started', facts });
  expect(commandsOf(outputs)).toMatchObject([{ asked: { continues: { session: 'live_0000', bytes: 640 } } }]);
  expect(messagesOf(outputs)).toMatchObject([{ type: 'started', continues }]);
});

test('without words, no text has any', () => {
  const outputs = say(
    text({ type: 'start', words: false }),
    { type: 'started', facts: madeFacts({ words: false }) },
    ...LOG.slice(0, 8).map((one, index) => event(index + 1, one)),
  );
  for (const message of messagesOf(outputs)) expect(message).not.toHaveProperty('words');
});

test('a resumed socket is told where to go on, then what it missed, then what was skipped as such', () => {
  const told = messagesOf(say(RESUME, resumed(2), event(6, partial(0, 2, 'a b', 1)), event(7, speechEnd(0))));
  expect(told).toMatchObject([
    { type: 'resumed', received: 640, from_seq: 3 },
    { type: 'skip', from: 3, to: 5 },
    { type: 'partial', seq: 6 },
    { type: 'speech_end', seq: 7 },
  ]);
});

test('an end that was heard before is not there to be sent again, and sound after a resume is', () => {
  expect(commandsOf(say(RESUME, resumed(2), sound, text({ type: 'end' }), text({ type: 'end' })))).toMatchObject([
    { type: 'resume', session: 'live_0001', token: 'resume-me', after: 2 },
    { type: 'audio' },
    { type: 'end' },
  ]);
});

test('one who watches is told all and may say nothing but that it is there', () => {
  const watching = [WATCH, resumed(0), ...LOG.slice(0, 3).map((one, index) => event(index + 1, one))];
  const outputs = say(...watching, text({ type: 'ping', id: 7 }), text({ type: 'ack', seq: 3 }));
  expect(messagesOf(outputs).map(({ type }) => type)).toEqual([
    'resumed',
    'started',
    'speech_start',
    'language',
    'pong',
  ]);
  expect(closeOf(outputs)).toBeUndefined();
  for (const forbidden of [sound, text({ type: 'finalize', id: 'f' }), text({ type: 'end' }), START]) {
    expect(closeOf(say(...watching, forbidden))).toMatchObject({ code: 4400 });
  }
});

test.each([
  ['sound before start', [sound], 'audio before start or resume'],
  ['a second start', [...LIVE, START], 'start after the first message'],
  ['resume after start', [...LIVE, RESUME], 'resume after the first message'],
  ['watch after start', [...LIVE, WATCH], 'watch after the first message'],
  ['finalize before start', [text({ type: 'finalize', id: 'f' })], 'finalize before start or resume'],
  ['sound after the end', [...LIVE, text({ type: 'end' }), sound], 'audio after end'],
  ['a gap after the end', [...LIVE, text({ type: 'end' }), text({ type: 'gap', bytes: 2 })], 'gap after end'],
  ['a gap of an hour', [...LIVE, text({ type: 'gap', bytes: 115_200_000 })], 'a gap of more than 30 minutes'],
  ['an unknown field', [text({ type: 'start', colour: 'red' })], "start has no field 'colour'"],
  ['what is no JSON', [text('{"type":')], 'the message is not JSON'],
])('%s is refused with 4400, and nothing follows', (_title, inputs, message) => {
  const outputs = say(...inputs, sound, event(1, { type: 'started' }));
  expect(messagesOf(outputs).at(-1)).toEqual({ type: 'error', code: 'request-invalid', message, fatal: true });
  expect(outputs.at(-1)).toEqual({ type: 'close', code: 4400, reason: message });
});

test.each(Object.keys(ERRORS).map((code) => [code]))('%s closes with a code of the table', (code) => {
  const known = Object.entries(ERRORS).flatMap(([name]) => (name === code ? [name] : []));
  expect(known).toHaveLength(1);
  const input: DialectInput = {
    type: 'failed',
    // The table's own names only.
    error: new ScriptoriumError(z.custom<ErrorCode>((value) => typeof value === 'string').parse(code), 'é'.repeat(200)),
    retryAfter: millis(1500),
  };
  const outputs = say(START, input);
  expect(messagesOf(outputs)).toMatchObject([{ type: 'error', code, fatal: true, retry_after_ms: 1500 }]);
  const closed = z.object({ code: z.int(), reason: z.string() }).parse(closeOf(outputs));
  expect(CLOSE_CODES.map((one) => one.code)).toContain(closed.code);
  expect(Buffer.byteLength(closed.reason)).toBeLessThanOrEqual(MAX_REASON_BYTES);
});

test('what is wrong with one wish leaves a session alone', () => {
  for (const code of ['language-unsupported', 'audio-buffer-empty'] as const) {
    const outputs = say(...LIVE, failed(code), sound);
    expect(messagesOf(outputs).slice(1)).toMatchObject([{ type: 'error', code, fatal: false }]);
    expect(commandsOf(outputs).map(({ type }) => type)).toEqual(['start', 'audio']);
  }
});

test('acknowledgements, and word that the server stops, go out as they are, behind the start', () => {
  const outputs = say(
    ...LIVE,
    { type: 'ack', received: 640, safe: 320, credit: 1000 },
    { type: 'draining', deadline: millis(30_000) },
  );
  expect(messagesOf(outputs)).toMatchObject([
    { type: 'started', seq: 1 },
    { type: 'ack', received: 640, safe: 320, credit: 1000 },
    { type: 'draining', deadline_ms: 30_000 },
  ]);
});

test('numbers have no holes that are not told, whatever is left out', () => {
  const log = fc.array(fc.constantFrom(...LOG.slice(0, -1)), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(log, fc.infiniteStream(fc.boolean()), fc.nat(5), (events, keeps, after) => {
      const given = events.map((one, index) => event(after + index + 1, one)).filter(() => keeps.next().value === true);
      let seen = after;
      for (const message of messagesOf(say(RESUME, resumed(after), ...given, ...given)).slice(1)) {
        const { type, seq, from, to } = message;
        expect(type === 'skip' ? from : seq).toBe(seen + 1);
        seen = z.number().parse(type === 'skip' ? to : seq);
      }
      expect(seen).toBe(given.reduce((last, one) => (one.type === 'event' ? one.seq : last), after));
    }),
  );
});

test('a log is told the same again', () => {
  const inputs = LOG.map((one, index) => event(index + 1, one));
  const first = messagesOf(say(...LIVE, ...inputs));
  expect(messagesOf(say(WATCH, resumed(0), ...inputs)).slice(1)).toEqual(first);
  expect(messagesOf(say(RESUME, resumed(6), ...inputs.slice(6))).slice(1)).toEqual(first.slice(6));
});

test('whatever a client says, it is an answer, a command or a close, never a throw', () => {
  const types = fc.constantFrom('start', 'resume', 'watch', 'gap', 'finalize', 'update', 'ack', 'ping', 'end');
  const message = fc
    .tuple(types, fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })))
    .map(([type, fields]) => text({ ...fields, type }));
  const input: fc.Arbitrary<DialectInput> = fc.oneof(
    message,
    fc.string().map(text),
    fc.uint8Array().map((bytes) => ({ type: 'binary', bytes }) as const),
    fc.constantFrom(START, RESUME, WATCH, started, resumed(2), text({ type: 'end' }), sound),
  );
  fc.assert(
    fc.property(fc.array(input, { maxLength: 12 }), (inputs) => {
      const outputs = say(...inputs);
      const closes = outputs.findIndex(({ type }) => type === 'close');
      expect(closes === -1 || closes === outputs.length - 1).toBe(true);
      for (const sent of messagesOf(outputs)) expect(AnyMessage.safeParse(sent).error).toBeUndefined();
    }),
  );
});
