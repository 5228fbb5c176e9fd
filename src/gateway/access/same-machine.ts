import { BlockList } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether a host name or address can only be this machine. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  return LOOPBACK.check(name, name.includes(':') ? 'ipv6' : 'ipv4');
}

/** The host of a `Host` or `Origin` header, its port left off; empty when it is none. */
export function hostOf(header: string): string {
  const text = header.includes('://') ? header : `http://${header}`;
  return URL.canParse(text) ? new URL(text).hostname : '';
}
