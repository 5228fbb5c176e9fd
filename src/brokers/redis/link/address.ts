import { ScriptoriumError } from '../../../core/index.ts';

/** Where Redis is, and who asks. */
export interface Address {
  /** More than one are nodes of one cluster, any of which tells of the others, or sentinels; none when `path` is a socket. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly path?: string;
  /** What the sentinels call the primary: `hosts` are theirs, and tell where it is. */
  readonly primary?: string;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  readonly tls: boolean;
  /** For messages: without user and password. */
  readonly label: string;
}

const DEFAULT_PORT = 6379;
const SENTINEL_PORT = 26_379;
const FORM = /^(rediss?):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/?#]+)(?:\/(\d{1,3})?)?$/u;
const SOCKET = /^redis\+unix:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?(\/[^?#@:]+)$/u;
const SENTINEL = /^(rediss?)\+sentinel:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/?#]+)\/([\w.-]+)(?:\/(\d{1,3}))?$/u;
const HOST = /^(\[[\da-fA-F:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/u;

const wrong = (): ScriptoriumError =>
  new ScriptoriumError(
    'broker-refused',
    "the broker's address is none of Redis; write redis://user:password@host:6379/0, rediss:// with TLS, redis+sentinel://sentinel:26379/primary, or redis+unix:///path",
  );

function decoded(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong();
  }
}

function hostsOf(list: string, defaultPort: number): Address['hosts'] {
  return list.split(',').map((text) => {
    const [, host, port] = HOST.exec(text) ?? [];
    const number = port === undefined ? defaultPort : Number(port);
    if (host === undefined || number < 1 || number > 65_535) throw wrong();
    return { host: host.replace(/^\[|\]$/gu, ''), port: number };
  });
}

const labelOf = (hosts: Address['hosts']): string => hosts.map(({ host, port }) => `${host}:${port}`).join(',');

function whoOf(user: string | undefined, secret: string | undefined): Pick<Address, 'username' | 'password'> {
  const [username, password] = [decoded(user), decoded(secret)];
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}

/**
 * Takes an address apart: `redis://[user][:password]@host[:port][,host[:port]…][/db]`, `rediss://` with TLS,
 * `redis+sentinel://[user][:password]@sentinel[:port][,sentinel[:port]…]/primary[/db]` (`rediss+sentinel://` with TLS, to sentinels too),
 * `redis+unix://[user][:password]@/path`. User and password are Redis's. Never quoted in a message: it may hold a password.
 *
 * @throws ScriptoriumError `broker-refused`.
 */
export function addressOf(url: string): Address {
  const [, unixUser, unixSecret, path] = SOCKET.exec(url) ?? [];
  if (path !== undefined) return { hosts: [], path, db: 0, tls: false, label: path, ...whoOf(unixUser, unixSecret) };
  const watched = SENTINEL.exec(url);
  if (watched !== null) {
    const [, scheme, user, secret, list = '', primary = '', db = '0'] = watched;
    const hosts = hostsOf(list, SENTINEL_PORT);
    const label = `${primary} of sentinels ${labelOf(hosts)}`;
    return { hosts, primary, db: Number(db), tls: scheme === 'rediss', label, ...whoOf(user, secret) };
  }
  const found = FORM.exec(url);
  if (found === null) throw wrong();
  const [, scheme, user, secret, list = '', db = '0'] = found;
  const hosts = hostsOf(list, DEFAULT_PORT);
  return { hosts, db: Number(db), tls: scheme === 'rediss', label: labelOf(hosts), ...whoOf(user, secret) };
}
