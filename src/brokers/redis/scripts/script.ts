import { createHash } from 'node:crypto';

/** A Lua program that Redis runs in one atomic step. */
export interface Script {
  readonly lua: string;
  /** What Redis knows it by. */
  readonly sha: string;
  /** Whether it may be run once more by who does not know whether it was run: it then changes nothing, and says so or answers the same. */
  readonly repeatable: boolean;
}

/** `frees`: it ends work or removes something, and so runs even when Redis has no memory left. `adds`: refused then. `reads`: writes nothing. */
type Kind = 'frees' | 'adds' | 'reads';

const FLAGS: Readonly<Record<Kind, string>> = {
  frees: '#!lua flags=allow-oom',
  adds: '#!lua',
  reads: '#!lua flags=no-writes',
};

/**
 * What every script begins with.
 *
 * - `KEYS[1]`: the shard, `<prefix>{s07}`: all keys of a shard share its hash tag, so that scripts make their keys themselves.
 * - `ARGV[1]`: broker time in ms, or nothing for Redis's own; `ARGV[2]`: the shard's number.
 * - `t`: broker time. `P`: the prefix, which channels begin with.
 */
const HEAD = String.raw`
local S,A=KEYS[1],ARGV
local P=string.match(S,'^(.*){')
local c=redis.call
local function int(n) return string.format('%.0f',n) end
local t=tonumber(A[1])
if not t then local v=c('TIME') t=v[1]*1000+math.floor(v[2]/1000) end
`;

/**
 * Redis's clock may be set back: broker time then stands still for at most a minute, and after that believes it. It is written down
 * every 50 ms: by so much it may go back, which nothing minds, as numbers that must rise remember their last.
 */
const NEVER_BACK = String.raw`
if A[1]=='' then
  local f=tonumber(c('GET',S..':now') or '0')
  if f>t and f-t<60000 then t=f elseif f>t or t-f>=50 then c('SET',S..':now',int(t)) end
end
`;

/** @param parts of the program, joined behind what every script begins with. */
export function script(kind: Kind, ...parts: readonly string[]): Script {
  const lua = [FLAGS[kind], HEAD, ...(kind === 'reads' ? [] : [NEVER_BACK]), ...parts].join('\n');
  return { lua, sha: createHash('sha1').update(lua).digest('hex'), repeatable: kind === 'reads' };
}

/** A script that may be run once more. */
export const repeatable = (one: Script): Script => ({ ...one, repeatable: true });
