import { expect, test } from 'vitest';
import type { ClientError } from '../errors.ts';
import type { Platform, SocketHandlers } from '../platform.ts';
import { LINK_TIMES, openLink, type Break } from './link.ts';

/** A link on a clock and on sockets that only move when they are told to. */
function linked() {
  let now = 0;
  let due: { readonly at: number; readonly call: () => void }[] = [];
  const sockets: SocketHandlers[] = [];
  const breaks: Break[] = [];
  const over: (ClientError | undefined)[] = [];
  const platform: Platform = {
    openSocket(_url, _key, handlers) {
      sockets.push(handlers);
      return { send() {}, close() {} };
    },
    fetch,
    timers: {
      now: () => now,
      after(ms, call) {
        const one = { at: now + ms, call };
        due.push(one);
        return () => void (due = due.filter((each) => each !== one));
      },
    },
    random: () => 1,
  };
  const link = openLink({ url: 'ws://server', key: undefined, times: LINK_TIMES }, platform, {
    hello: () => ({ type: 'resume' }),
    heard() {},
    broken: (why) => void breaks.push(why),
    unknown: () => false,
    over: (error) => void over.push(error),
  });
  const hear = (message: object): void => sockets.at(-1)?.heard(JSON.stringify(message));
  const cut = (code = 1006): void => sockets.at(-1)?.closed(code, '');
  function pass(ms: number): void {
    const until = now + ms;
    for (;;) {
      const next = due.toSorted((a, b) => a.at - b.at).find(({ at }) => at <= until);
      if (next === undefined) break;
      due = due.filter((each) => each !== next);
      now = next.at;
      next.call();
    }
    now = until;
  }
  return {
    link,
    breaks,
    over,
    hear,
    pass,
    cut,
    up: () => {
      sockets.at(-1)?.opened();
      hear({ type: 'resumed', received: 0 });
    },
    /** No connection can be made for so long. */
    away: (ms: number) => {
      for (let passed = 0; passed < ms; passed += 125) {
        const { length } = sockets;
        pass(125);
        if (sockets.length > length) cut();
      }
    },
  };
}

test('however often a quiet session breaks, it is connected again as the first time', () => {
  const { breaks, over, up, cut, pass, hear } = linked();
  for (let hour = 0; hour < 50; hour++) {
    up();
    for (let beat = 0; beat < 120; beat++) {
      pass(30_000);
      hear({ type: 'pong' });
    }
    cut();
    expect(over).toEqual([]);
    expect(breaks.at(-1)).toMatchObject({ attempt: 1, delay: 250 });
    pass(250);
  }
});

test('two minutes without a connection begin with each break, however soon it follows the one before', () => {
  const { breaks, over, up, cut, pass, away } = linked();
  for (let round = 0; round < 3; round++) {
    up();
    pass(1000);
    cut();
    away(100_000);
    expect(over).toEqual([]);
  }
  expect(breaks.length).toBeGreaterThan(30);
  away(30_000);
  expect(over).toMatchObject([{ code: 'reconnect-timeout', retryable: true }]);
  expect(over[0]?.message).toContain('no connection for 120 s');
});

test('connections that break at once and bring nothing are tried again with growing pauses, and not for ever', () => {
  const good = linked();
  for (let round = 0; round < 100; round++) {
    good.up();
    good.link.progress();
    good.cut();
    good.pass(250);
  }
  expect(good.breaks).toHaveLength(100);
  expect(good.breaks.every(({ attempt }) => attempt === 1)).toBe(true);
  const { breaks, over, up, cut, pass } = linked();
  while (over.length === 0) {
    up();
    cut(1011);
    pass(8000);
    expect(breaks.length).toBeLessThan(30);
  }
  expect(breaks.slice(0, 7).map(({ delay }) => delay)).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000]);
  expect(breaks).toHaveLength(19);
  expect(over).toMatchObject([{ code: 'reconnect-timeout' }]);
  expect(over[0]?.message).toContain('20 connections broke at once');
});
