import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { all, clientOf, sound } from '../testing/speaking.ts';
import { strictServer } from '../testing/strict-server.ts';

const FRAME = 3200;

test('a change stands behind the sound that was sent before it, wherever sockets are cut', async () => {
  const bytes = sound(40_000);
  const offsets = fc.array(fc.nat(45_000), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(offsets, fc.nat(12), fc.integer({ min: 2, max: 20_000 }), async (cuts, frame, credit) => {
      await using server = await strictServer({ credit });
      server.cutAt(cuts);
      const session = clientOf(server).live({ language: 'en' });
      const events = all(session);
      for (let at = 0, index = 0; at < bytes.length; at += FRAME, index++) {
        if (index === frame) session.update({ language: 'fr' });
        await session.send(bytes.subarray(at, at + FRAME));
      }
      await session.end();
      await events;
      expect(server.violations).toEqual([]);
      // After a cut nobody knows whether it came: the same once more changes nothing.
      expect(new Set(server.updates.map((one) => JSON.stringify(one)))).toEqual(
        new Set([JSON.stringify({ at: frame * FRAME, language: 'fr' })]),
      );
    }),
    { numRuns: 60 },
  );
});

test('a session that goes on for a lost one begins as it was changed', async () => {
  await using server = await strictServer();
  const session = clientOf(server).live({ language: 'en' });
  const events = all(session);
  await session.send(sound(20_000));
  session.update({ language: 'fr' });
  await session.finalize();
  server.forget();
  server.cut();
  await session.send(sound(20_000));
  await session.end();
  expect((await events).map(({ type }) => type)).toContain('continued');
  expect(server.asked).toMatchObject([{ language: 'en' }, { language: 'fr' }]);
  expect(() => session.update({ language: 'de' })).toThrow('ended');
});

test('a session that goes on for a lost one has the turns that were asked for at first and those that were changed', async () => {
  await using server = await strictServer();
  const session = clientOf(server).live({ turns: { mode: 'manual', silence_ms: 700 } });
  const events = all(session);
  await session.send(sound(20_000));
  session.update({ turns: { silence_ms: 300 } });
  session.update({ language: 'fr' });
  await session.finalize();
  server.forget();
  server.cut();
  await session.send(sound(20_000));
  await session.end();
  await events;
  expect(server.asked).toMatchObject([{ turns: { mode: 'manual', silence_ms: 700 } }, { language: 'fr' }]);
  expect(server.asked[1]).toMatchObject({ turns: { mode: 'manual', silence_ms: 300 } });
});
