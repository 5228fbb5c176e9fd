import type { LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { isPublicAddress, publicLookup, refuseForbiddenUrl } from './public-address.ts';

test('knows what is public and what is not', () => {
  for (const address of ['93.184.216.34', '8.8.8.8', '172.32.0.1', '2606:2800:220:1::1', '2a00:1450::1']) {
    expect([address, isPublicAddress(address)]).toEqual([address, true]);
  }
  const special =
    '127.0.0.1 127.9.9.9 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 224.0.0.1 255.255.255.255 ' +
    '168.63.129.16 198.18.0.1 192.0.2.1 ::1 :: [::1] fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 ff02::1 ::ffff:127.0.0.1 ' +
    '::ffff:7f00:1 ::ffff:8.8.8.8 64:ff9b::a00:1 2002:7f00:1:: 2001:db8::1 2001::1 localhost 1.2.3 x';
  expect(isPublicAddress('')).toBe(false);
  for (const address of special.split(' ')) expect([address, isPublicAddress(address)]).toEqual([address, false]);
});

test('refuses every spelling of an address that is not public', () => {
  const hosts =
    '127.0.0.1 2130706433 0x7f.1 0177.0.0.1 127.1 [::1] [::ffff:127.0.0.1] 169.254.169.254 [::ffff:a9fe:a9fe] １２７.0.0.1 ' +
    '0x7f000001 [fe80::1]';
  for (const host of hosts.split(' ')) {
    const url = new URL(`http://${host}/x`);
    expect(() => refuseForbiddenUrl(url, false)).toThrow(/public/);
    expect(() => refuseForbiddenUrl(url, true)).not.toThrow();
  }
  expect(() => refuseForbiddenUrl(new URL('http://93.184.216.34/x'), false)).not.toThrow();
});

test('refuses other schemes and passwords, allowed or not', () => {
  for (const text of [
    'file:///etc/passwd',
    'ftp://example.org/',
    'gopher://example.org/',
    'data:,x',
    'http://a:b@example.org/',
  ]) {
    expect(() => refuseForbiddenUrl(new URL(text), true)).toThrow(/address/);
  }
});

test('a name that leads to one address that is not public leads nowhere', async () => {
  const answers: Record<string, { address: string; family: number }[]> = {
    'public.test': [{ address: '93.184.216.34', family: 4 }],
    'mixed.test': [
      { address: '93.184.216.34', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ],
    'none.test': [],
  };
  const lookup: LookupFunction = (name, _options, callback) => callback(null, answers[name] ?? []);
  const resolve = (name: string, all: boolean) =>
    new Promise((settle) => {
      publicLookup(lookup)(name, { all }, (error, found) => settle(error === null ? found : error.message));
    });
  expect(await resolve('public.test', false)).toBe('93.184.216.34');
  expect(await resolve('public.test', true)).toEqual(answers['public.test']);
  expect(await resolve('mixed.test', true)).toMatch(/public/);
  expect(await resolve('none.test', false)).toMatch(/public/);
});
