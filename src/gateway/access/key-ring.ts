import { createHash, timingSafeEqual } from 'node:crypto';
import { ScriptoriumError } from '../../core/index.ts';
import type { KeyLimits } from '../settings.ts';

/** Who calls. */
export interface Caller {
  /** Whose jobs and limits they are. */
  readonly tenant: string;
  /** What the key's line gives; the server's own apply to the rest. */
  readonly limits: KeyLimits;
}

/** The keys that a server takes. */
export interface KeyRing {
  /** How many there are; without any, everybody is let in. */
  readonly size: number;
  /** Takes as long for a wrong key as for a right one. */
  find(key: string): Caller | undefined;
  /** Who this tenant is; without a key of that name only the server's limits apply. */
  named(tenant: string): Caller;
}

interface Entry extends Caller {
  readonly digest: Buffer;
}

const MAX_KEYS = 10_000;
/** Shorter ones can be guessed. */
const MIN_KEY_CHARACTERS = 16;
/** The tenant of a server without keys. */
export const NOBODY: Caller = { tenant: 'local', limits: {} };

const LIMITS: Readonly<Record<string, keyof KeyLimits>> = {
  requests: 'requestsPerMinute',
  audio: 'audioSecondsPerHour',
  jobs: 'jobsAtOnce',
};

/**
 * Keys out of lines: `KEY`, `NAME KEY` or `NAME sha256:HEX`, then limits: `requests=60` a minute, `audio=3600` seconds an hour,
 * `jobs=4` at once. Empty lines and those that begin with `#` are passed over. A name may have several keys, for a change of keys.
 *
 * @throws ScriptoriumError `usage-invalid` that names the line, never the key.
 */
export function openKeyRing(lines: readonly string[]): KeyRing {
  const entries = lines
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, number }) => entryOf(line, number));
  if (entries.length > MAX_KEYS) throw wrong(0, `more than ${String(MAX_KEYS)} keys`);
  return {
    size: entries.length,
    find(key) {
      const digest = digestOf(key);
      let found: Entry | undefined;
      for (const entry of entries) if (timingSafeEqual(entry.digest, digest)) found = entry;
      return found === undefined ? undefined : { tenant: found.tenant, limits: found.limits };
    },
    named: (tenant) => ({ tenant, limits: entries.find((entry) => entry.tenant === tenant)?.limits ?? {} }),
  };
}

function entryOf(line: string, number: number): Entry {
  const words = line.split(/\s+/);
  const limits = words.slice(1).filter((word) => word.includes('='));
  const [first = '', second, third] = words.filter((word) => !limits.includes(word));
  if (third !== undefined) throw wrong(number, 'it is NAME KEY, then limits');
  const [name, secret] = second === undefined ? [`key-${String(number)}`, first] : [first, second];
  if (!/^[\w.@-]{1,64}$/.test(name)) throw wrong(number, 'a name is 1 to 64 letters, digits, and any of _ . @ -');
  return { tenant: name, limits: limitsOf(limits, number), digest: secretOf(secret, number) };
}

function secretOf(secret: string, number: number): Buffer {
  const hex = /^sha256:(.*)$/.exec(secret)?.[1];
  if (hex === undefined) {
    if (secret.length < MIN_KEY_CHARACTERS) {
      throw wrong(number, `a key has at least ${String(MIN_KEY_CHARACTERS)} characters`);
    }
    return digestOf(secret);
  }
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw wrong(number, 'behind sha256: there are 64 hexadecimal digits');
  return Buffer.from(hex, 'hex');
}

const limitsOf = (words: readonly string[], number: number): KeyLimits =>
  Object.fromEntries(
    words.map((word) => {
      const [name = '', value = ''] = word.split('=');
      const limit = LIMITS[name];
      if (limit === undefined || !/^\d{1,9}$/.test(value)) {
        throw wrong(number, `limits are ${Object.keys(LIMITS).join('=N, ')}=N`);
      }
      return [limit, Number(value)];
    }),
  );

const digestOf = (key: string): Buffer => createHash('sha256').update(key).digest();

const wrong = (number: number, what: string): ScriptoriumError =>
  new ScriptoriumError('usage-invalid', `API keys, line ${String(number)}: ${what}`);
