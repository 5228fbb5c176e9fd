/** Which addresses belong to nobody in particular and may be asked for what a stranger names. */
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { ScriptoriumError } from '../../core/index.ts';

/**
 * What is not public, from IANA's registries of special-purpose addresses (RFC 6890 and its updates): this machine, private and
 * shared networks, link-local ones with the metadata services of clouds, documentation, benchmarks, multicast, reserved.
 */
const SPECIAL_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure's host, which answers to its guests alone.
  ['168.63.129.16', 32],
];

const special = new BlockList();
for (const [net, bits] of SPECIAL_V4) special.addSubnet(net, bits, 'ipv4');

/** The only part of IPv6 that is given out; in it, what leads to IPv4 or is for documentation. */
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');
const special6 = new BlockList();
// Teredo and other protocol assignments, documentation, 6to4.
special6.addSubnet('2001::', 23, 'ipv6');
special6.addSubnet('2001:db8::', 32, 'ipv6');
special6.addSubnet('2002::', 16, 'ipv6');
special6.addSubnet('3fff::', 20, 'ipv6');

/** Whether an IP address, in any spelling that a socket takes, is a public one. What is no address is not. */
export function isPublicAddress(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  switch (isIP(plain)) {
    case 4:
      return !special.check(plain, 'ipv4');
    case 6:
      return global6.check(plain, 'ipv6') && !special6.check(plain, 'ipv6');
    default:
      return false;
  }
}

/**
 * A look-up that fails when any of a name's addresses is not public. It must be the one that the socket itself uses: a check
 * before it can be answered differently (DNS rebinding).
 */
export function publicLookup(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, '', 0);
        return;
      }
      const addresses = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }];
      const first = addresses[0];
      if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
        callback(refusedAddress(hostname), '', 0);
        return;
      }
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/**
 * Refuses a URL that is not http or https, carries a password, or whose host is itself an address that is not public: sockets
 * look up names only. `URL` has brought decimal, octal and hexadecimal spellings into one form already.
 *
 * @throws ScriptoriumError `url-refused`.
 */
export function refuseForbiddenUrl(url: URL, allowPrivate: boolean): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ScriptoriumError('url-refused', 'Only http and https addresses are fetched.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new ScriptoriumError('url-refused', 'The address must not hold a user or password.');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) throw refusedAddress(host);
}

const refusedAddress = (host: string): ScriptoriumError =>
  new ScriptoriumError('url-refused', `${host.slice(0, 100)} is not on the public internet.`);
