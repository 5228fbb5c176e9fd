import { expect, test } from 'vitest';
import { DEFAULT_LIVE_SETTINGS } from './live-settings.ts';
import { madeSockets } from './testing/made-sockets.ts';

const IDLE_MS: number = DEFAULT_LIVE_SETTINGS.idle;

test('a socket is idle when nothing has come for that long, whenever the last came', async () => {
  const { open, clock } = madeSockets();
  const socket = open();
  await socket.say({ type: 'start' });
  await clock.pass(IDLE_MS - 1000 - clock.now());
  const heardAt = clock.now();
  await socket.say({ type: 'ping' });
  await clock.pass(heardAt + IDLE_MS - 1 - clock.now());
  expect(socket.closed).toEqual([]);
  await clock.pass(1);
  expect(socket.told.at(-1)).toMatchObject({ type: 'error', code: 'session-idle' });
  expect(socket.closed).toEqual([4408]);
});

test('who only watches may be silent', async () => {
  const { open, clock } = madeSockets();
  const [speaker, watcher] = [open(), open()];
  await speaker.say({ type: 'start' });
  const { session_id, view_token } = speaker.told[0] ?? {};
  await watcher.say({ type: 'watch', session_id, view_token, last_seq: 0 });
  for (let i = 0; i < 6; i++) {
    await clock.pass(IDLE_MS / 2);
    await speaker.say({ type: 'ping' });
  }
  expect([...speaker.closed, ...watcher.closed]).toEqual([]);
});
