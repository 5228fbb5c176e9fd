import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScriptoriumError } from '../../core/index.ts';
import { readLiveClientMessage } from './client-messages.ts';

function refused(message: unknown): { readonly code: string; readonly message: string } {
  try {
    readLiveClientMessage(typeof message === 'string' ? message : JSON.stringify(message));
  } catch (error) {
    if (error instanceof ScriptoriumError) return error;
    throw error;
  }
  throw new Error('it was taken');
}
function outcomeOf(text: string): string {
  try {
    return typeof readLiveClientMessage(text).type === 'string' ? 'taken' : 'nothing';
  } catch (error) {
    return error instanceof ScriptoriumError ? error.code : String(error);
  }
}
const start = (fields: object): object => ({ type: 'start', ...fields });
const audio = (fields: object): object => start({ audio: { encoding: 'pcm_s16le', ...fields } });
const turns = (fields: object): object => start({ turns: fields });

test('takes the whole of start as the protocol has it', () => {
  const message = {
    type: 'start',
    model: 'tiny.en',
    language: null,
    task: 'transcribe',
    audio: { encoding: 'pcm_s16le', sample_rate: 16_000, channels: 1 },
    turns: { mode: 'vad', silence_ms: 500, threshold: 0.5, prefix_ms: 300, max_ms: 28_000 },
    partials: true,
    words: true,
    prompt: 'Glossary: ONNX.',
    keywords: ['ONNX'],
    metadata: { ref: '7' },
    continues: { session_id: 'live_0001', bytes: 320_000 },
  };
  expect(readLiveClientMessage(JSON.stringify(message))).toEqual(message);
});

test('what is not said of audio is 16 kHz and one channel', () => {
  expect(readLiveClientMessage('{"type":"start","audio":{"encoding":"mulaw"}}')).toEqual({
    type: 'start',
    audio: { encoding: 'mulaw', sample_rate: 16_000, channels: 1 },
  });
});

test.each([
  ['a message without a type', {}, 'the message has no type; there are start'],
  ['a type that is none', { type: 'begin' }, "there is no message 'begin'; there are start, resume"],
  ['an own property of objects as type', { type: 'toString' }, "there is no message 'toString'"],
  ['an unknown field', start({ colour: 1 }), "start has no field 'colour'"],
  ['an unknown inner field', audio({ bits: 16 }), "start has no field 'audio.bits'"],
  ['a missing field', { type: 'finalize' }, "finalize needs the field 'id'"],
  ['a missing inner field', start({ audio: {} }), "'audio.encoding' of start"],
  ['1 Hz', audio({ sample_rate: 1 }), "'audio.sample_rate' of start"],
  ['10 MHz', audio({ sample_rate: 10_000_000 }), "'audio.sample_rate' of start"],
  ['no channel', audio({ channels: 0 }), "'audio.channels' of start"],
  ['nine channels', audio({ channels: 9 }), "'audio.channels' of start"],
  ['half a channel', audio({ channels: 1.5 }), "'audio.channels' of start"],
  ['an encoding that is none', audio({ encoding: 'mp3' }), "'audio.encoding' of start"],
  ['a pause of 99 ms', turns({ silence_ms: 99 }), "'turns.silence_ms' of start"],
  ['a pause of 5001 ms', turns({ silence_ms: 5001 }), "'turns.silence_ms' of start"],
  ['a threshold of 0', turns({ threshold: 0 }), "'turns.threshold' of start"],
  ['a threshold of 1', turns({ threshold: 1 }), "'turns.threshold' of start"],
  ['a prefix of 1001 ms', turns({ prefix_ms: 1001 }), "'turns.prefix_ms' of start"],
  ['utterances of 1999 ms', turns({ max_ms: 1999 }), "'turns.max_ms' of start"],
  ['utterances of 28001 ms', turns({ max_ms: 28_001 }), "'turns.max_ms' of start"],
  ['a language that is none', start({ language: 'xx' }), "'xx' is no language that Whisper knows"],
  ['a long prompt', start({ prompt: 'p'.repeat(8193) }), "'prompt' of start"],
  ['201 keywords', start({ keywords: Array.from({ length: 201 }, () => 'k') }), "'keywords' of start"],
  ['a gap of nothing', { type: 'gap', bytes: 0 }, "'bytes' of gap"],
  ['a negative number', { type: 'ack', seq: -1 }, "'seq' of ack"],
  ['a model for update', { type: 'update', model: 'm' }, "update has no field 'model'"],
  ['what is no object', '[1]', 'the message is not a JSON object'],
  ['17 lists in each other', `{"type":${'['.repeat(16)}${']'.repeat(16)}}`, 'more than 16 objects and lists'],
])('%s is refused, and the field is named', (_title, message, words) => {
  const { code, message: said } = refused(message);
  expect(said).toContain(words);
  expect(said.length).toBeLessThan(300);
  expect(code).toBe('request-invalid');
});

test('64 KiB is the most that is read', () => {
  expect(refused({ type: 'ping', id: 'x'.repeat(65_536) }).code).toBe('frame-too-large');
});

test('a bomb of brackets is refused before anything is made of it', () => {
  expect(refused(`{"type":"start","a":${'['.repeat(60_000)}`).message).toContain('inside each other');
});

test('any text is a message or refused, and nothing else', () => {
  const types = fc.constantFrom(
    'start',
    'resume',
    'watch',
    'gap',
    'finalize',
    'update',
    'ack',
    'ping',
    'end',
    '__proto__',
  );
  const near = fc
    .tuple(types, fc.dictionary(fc.constantFrom('audio', 'turns', 'id', 'bytes', 'seq', '__proto__'), fc.jsonValue()))
    .map(([type, fields]) => JSON.stringify({ type, ...fields }));
  fc.assert(
    fc.property(fc.oneof(near, fc.json(), fc.string()), (text) => {
      expect(outcomeOf(text)).toMatch(/^(taken|request-invalid|frame-too-large)$/);
    }),
  );
});
