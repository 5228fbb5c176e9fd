import { expect, test } from 'vitest';
import { createClient } from '../index.ts';
import { HURRIED } from '../testing/hurried.ts';
import { all, clientOf, lasting, PATIENT, sound, speak } from '../testing/speaking.ts';
import { strictServer } from '../testing/strict-server.ts';
import type { LiveEvent } from './events.ts';

test('a session keeps its route from socket to socket, and those who watch it share one', async () => {
  await using server = await strictServer();
  let draws = 0;
  const client = createClient({ url: server.url, key: 'right', timers: HURRIED, random: () => ++draws / 7 });
  const [first, second] = [client.live({ times: PATIENT }), client.live({ times: PATIENT })];
  await Promise.all([first.send(sound(5000)), second.send(sound(5000))]);
  server.cut();
  await Promise.all([speak(first, sound(50_000), 5000), speak(second, sound(50_000), 5000)]);
  expect(server.routes.length).toBeGreaterThan(2);
  expect(new Set(server.routes).size).toBe(2);
  const [watched = { id: '', viewToken: '' }] = [first.session()];
  const before = server.routes.length;
  await Promise.all([all(client.watch(watched, PATIENT)), all(client.watch(watched, PATIENT))]);
  expect(server.routes.slice(before)).toEqual([watched.id, watched.id]);
  expect(server.violations).toEqual([]);
});

test('whoever watches hears everything, over broken connections too, and can be too late', async () => {
  await using server = await strictServer();
  const client = clientOf(server);
  const session = client.live();
  await session.send(sound(50_000));
  const watched = client.watch(session.session() ?? { id: '', viewToken: '' });
  const seen: LiveEvent[] = [];
  const watching = (async () => {
    for await (const event of watched) {
      seen.push(event);
      if (event.type === 'final' && event.segment === 0) server.cut();
    }
  })();
  const heard = all(session);
  while (!seen.some(({ type }) => type === 'resumed')) await new Promise((resolve) => setTimeout(resolve, 1));
  await speak(session, sound(50_000), 5000);
  await watching;
  expect(lasting(seen)).toEqual(lasting(await heard));
  await expect(all(client.watch({ id: 'live_0', viewToken: 'wrong' }))).rejects.toMatchObject({
    code: 'session-unknown',
  });
  expect(server.violations).toEqual([]);
});
