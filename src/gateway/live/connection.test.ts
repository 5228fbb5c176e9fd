import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { madeSockets, type MadeSocket } from './testing/made-sockets.ts';

const Started = z.looseObject({ type: z.literal('started'), session_id: z.string(), resume_token: z.string() });

async function started(socket: MadeSocket): Promise<z.infer<typeof Started>> {
  await socket.say({ type: 'start' });
  return Started.parse(socket.told[0]);
}

test('a resume from the future is refused, and the socket that has the session keeps it', async () => {
  const { open, sessions } = madeSockets();
  const [mine, vain] = [open(), open()];
  const { session_id, resume_token } = await started(mine);
  await vain.say({ type: 'resume', session_id, resume_token, last_seq: 9999 });
  expect(vain.told).toMatchObject([{ type: 'error', code: 'request-invalid', fatal: true }]);
  expect(vain.closed).toEqual([4400]);
  expect(mine.closed).toEqual([]);
  expect(sessions.counts()).toEqual({ attached: 1, detached: 0 });
  await mine.say({ type: 'ping' });
  expect(mine.told.at(-1)).toEqual({ type: 'pong' });
});

test('a resume from the last event takes the session, and the socket that had it is told', async () => {
  const { open } = madeSockets();
  const [mine, next] = [open(), open()];
  const { session_id, resume_token, seq } = await started(mine);
  await next.say({ type: 'resume', session_id, resume_token, last_seq: seq });
  expect(next.told[0]).toMatchObject({ type: 'resumed', from_seq: 2 });
  expect(next.closed).toEqual([]);
  expect(mine.closed).toEqual([4409]);
});

test('whoever comes back to a session whose end they have seen is told it once more, and closed', async () => {
  const { open } = madeSockets();
  const [mine, next] = [open(), open()];
  const { session_id, resume_token } = await started(mine);
  await mine.say({ type: 'end' });
  const ended = mine.told.at(-1);
  expect(ended).toMatchObject({ type: 'ended' });
  await next.say({ type: 'resume', session_id, resume_token, last_seq: ended?.['seq'] });
  expect(next.told.at(-1)).toEqual(ended);
  expect(next.closed).toEqual([1000]);
});

test('how far a session is learns nobody without its token', async () => {
  const { open } = madeSockets();
  const [mine, guess] = [open(), open()];
  const { session_id } = await started(mine);
  await guess.say({ type: 'resume', session_id, resume_token: 'guessed', last_seq: 9999 });
  expect(guess.closed).toEqual([4404]);
  expect(mine.closed).toEqual([]);
});

test('who sends another recording behind the first is told that it is not heard, once', async () => {
  const wav = await readFile(new URL('../../../test/fixtures/audio/jfk.wav', import.meta.url));
  const { open } = madeSockets();
  const socket = open();
  await socket.say({ type: 'start', audio: { encoding: 'wav' } });
  const warnings = () => socket.told.filter(({ type }) => type === 'warning');
  const say = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length; at += 60_000) await socket.say(bytes.subarray(at, at + 60_000));
  };
  await say(wav);
  expect(warnings()).toEqual([]);
  await say(wav);
  expect(warnings()).toMatchObject([{ seq: 2, code: 'audio-damaged' }]);
  await socket.say({ type: 'end' });
  expect(socket.told.at(-1)).toMatchObject({ type: 'ended', reason: 'done', ledger: { received: 176_000 } });
  expect(socket.closed).toEqual([1000]);
});
