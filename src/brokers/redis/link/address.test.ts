import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScriptoriumError } from '../../../core/index.ts';
import { addressOf } from './address.ts';

/** Why an address is refused; nothing when it is taken. */
function refusalOf(url: string): ScriptoriumError | undefined {
  try {
    addressOf(url);
    return undefined;
  } catch (error) {
    if (error instanceof ScriptoriumError) return error;
    throw error;
  }
}

test.each([
  ['redis://host', { hosts: [{ host: 'host', port: 6379 }], db: 0, tls: false, label: 'host:6379' }],
  ['redis://10.0.0.1:7000/3', { hosts: [{ host: '10.0.0.1', port: 7000 }], db: 3, label: '10.0.0.1:7000' }],
  ['rediss://host:6380', { hosts: [{ host: 'host', port: 6380 }], tls: true }],
  ['redis://:secret@host', { password: 'secret', label: 'host:6379' }],
  ['redis://user:p%40ss%2Fword%3A@host', { username: 'user', password: 'p@ss/word:' }],
  ['redis://user@host', { username: 'user' }],
  ['redis://[::1]:7000', { hosts: [{ host: '::1', port: 7000 }] }],
  [
    'redis://:secret@a:1,b,c:3',
    {
      hosts: [
        { host: 'a', port: 1 },
        { host: 'b', port: 6379 },
        { host: 'c', port: 3 },
      ],
      label: 'a:1,b:6379,c:3',
    },
  ],
  [
    'redis+sentinel://user:secret@a,b:5000/main/2',
    {
      hosts: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 5000 },
      ],
      primary: 'main',
      db: 2,
      tls: false,
      username: 'user',
      password: 'secret',
      label: 'main of sentinels a:26379,b:5000',
    },
  ],
  ['rediss+sentinel://a/my-primary', { primary: 'my-primary', tls: true, db: 0 }],
  ['redis+unix:///run/redis.sock', { hosts: [], path: '/run/redis.sock', label: '/run/redis.sock' }],
  ['redis+unix://user:secret@/run/redis.sock', { path: '/run/redis.sock', username: 'user', password: 'secret' }],
])('takes %s apart', (url, wanted) => {
  expect(addressOf(url)).toMatchObject(wanted);
});

test.each([
  'localhost:6379',
  'http://host',
  'redis:host',
  'redis://',
  'redis://host:0',
  'redis://host:65536',
  'redis://host/1/2',
  'redis+sentinel://a',
  'redis+sentinel://a/',
  'redis+sentinel://a/main/x',
  'redis+sentinel://a:0/main',
  'redis://host/zero',
  'redis://host?db=1',
  'redis://a,,b',
  'redis://us%er@host',
  'redis+unix://run/redis.sock',
  'redis+unix:///redis://:secret@host',
  ' redis://host',
  'redis://host\n',
])('refuses %j, and says what an address looks like', (url) => {
  expect(refusalOf(url)).toMatchObject({ code: 'broker-refused' });
  expect(refusalOf(url)?.message).toContain('redis://user:password@host');
});

test('gives back any user and password that were written into an address, and tells of neither', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(text, text, (username, password) => {
      const url = `redis://${encodeURIComponent(username)}:${encodeURIComponent(password)}@host`;
      expect(addressOf(url)).toMatchObject({ username, password, label: 'host:6379' });
    }),
  );
});

test('tells of no password, whether an address is taken or refused', () => {
  const near = fc.string({
    unit: fc.constantFrom('redis', '://', ':', '@', '/', ',', '[', ']', 'host', '9', '%', '%41', 's', '+unix'),
    maxLength: 8,
  });
  fc.assert(
    fc.property(near, near, near, (before, user, after) => {
      const url = `${before}redis://${user}:secret@host${after}`;
      expect(refusalOf(url)?.message ?? addressOf(url).label).not.toContain('secret');
    }),
    { numRuns: 5000 },
  );
});
