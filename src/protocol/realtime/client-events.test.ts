import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScriptoriumError } from '../../core/index.ts';
import { MAX_APPEND_BYTES, readRealtimeEvent } from './client-events.ts';
import { parseClientSecret } from './client-secret.ts';

test('15 MiB of audio in one message is taken', () => {
  const audio = 'A'.repeat((MAX_APPEND_BYTES / 3) * 4);
  const { event } = readRealtimeEvent(JSON.stringify({ type: 'input_audio_buffer.append', audio }));
  expect(event()).toMatchObject({ type: 'input_audio_buffer.append' });
});

test('what OpenAI’s clients send beside it is passed over', () => {
  const session = {
    type: 'transcription',
    audio: {
      input: {
        format: { type: 'audio/pcm' },
        turn_detection: { type: 'server_vad', create_response: false, idle_timeout_ms: null },
      },
      output: { voice: 'alloy' },
    },
    tracing: null,
  };
  const { event } = readRealtimeEvent(JSON.stringify({ type: 'session.update', session }));
  expect(event()).toEqual({
    type: 'session.update',
    session: {
      type: 'transcription',
      audio: {
        input: { format: { type: 'audio/pcm', rate: 24_000 }, turn_detection: { type: 'server_vad' } },
      },
    },
  });
});

test('any text is an event or refused, and nothing else', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.object().map((value) => JSON.stringify(value)),
      ),
      (text) => {
        expect(() => readRealtimeEvent(text).event()).toThrow(ScriptoriumError);
      },
    ),
  );
});

test('a client secret lasts ten minutes unless it is asked for otherwise, and ten seconds to two hours then', () => {
  expect(parseClientSecret({})).toEqual({ seconds: 600, session: {} });
  expect(parseClientSecret({ expires_after: { seconds: 10 }, session: { type: 'transcription' } })).toEqual({
    seconds: 10,
    session: { type: 'transcription' },
  });
  for (const seconds of [9, 7201, 60.5]) {
    expect(() => parseClientSecret({ expires_after: { anchor: 'created_at', seconds } })).toThrow(
      'expires_after.seconds',
    );
  }
});
