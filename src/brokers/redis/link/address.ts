import { ScriptoriumError } from '../../../core/index.ts';

/** Where Redis is, and who asks. */
export interface Address {
  /** More than one are nodes of one cluster, any of which tells of the others; none when `path` is a socket. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly path?: string;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  readonly tls: boolean;
  /** For messages: without user and password. */
  readonly label: string;
}

const DEFAULT_PORT = 6379;
const FORM = /^(rediss?):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/?#]+)(?:\/(\d{1,3})?)?$/u;
const SOCKET = /^redis\+unix:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?(\/[^?#@:]+)$/u;
const HOST = /^(\[[\da-fA-F:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/u;

const wrong = (): ScriptoriumError =>
  new ScriptoriumError(
    'broker-refused',
    "the broker's address is none of Redis; write redis://user:password@host:6379/0, rediss:// with TLS, or redis+unix:///path",
  );

function decoded(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong();
  }
}

/**
 * Takes an address apart: `redis://[user][:password]@host[:port][,host[:port]…][/db]`, `rediss://` with TLS,
 * `redis+unix://[user][:password]@/path`. Never quoted in a message: it may hold a password.
 *
 * @throws ScriptoriumError `broker-refused`.
 */
export function addressOf(url: string): Address {
  const socket = SOCKET.exec(url);
  const found = socket ?? FORM.exec(url);
  if (found === null) throw wrong();
  const [user, secret] = socket === null ? [found[2], found[3]] : [found[1], found[2]];
  const username = decoded(user);
  const password = decoded(secret);
  const who = { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
  if (socket !== null) {
    const path = socket[3] ?? '';
    return { hosts: [], path, db: 0, tls: false, label: path, ...who };
  }
  const hosts = (found[4] ?? '').split(',').map((text) => {
    const [, host, port] = HOST.exec(text) ?? [];
    const number = port === undefined ? DEFAULT_PORT : Number(port);
    if (host === undefined || number < 1 || number > 65_535) throw wrong();
    return { host: host.replace(/^\[|\]$/gu, ''), port: number };
  });
  const label = hosts.map(({ host, port }) => `${host}:${port}`).join(',');
  return { hosts, db: Number(found[5] ?? 0), tls: found[1] === 'rediss', label, ...who };
}
