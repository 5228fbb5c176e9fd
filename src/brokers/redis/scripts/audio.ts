import { repeatable, script } from './script.ts';

/** Samples in one key: 5 s. */
export const SEGMENT_SAMPLES = 80_000;

/**
 * Audio: `S:a:<session>`, a set of channels; `S:a:<session>:<channel>`, a hash of `from` and `end`; `…:<n>`, the n-th five seconds as bytes. Keys
 * that nobody drops are gone after a week. ARGV: 3 session, 4 channel.
 */
const TRACK = String.raw`
local N=${SEGMENT_SAMPLES}
local K=S..':a:'..A[3]..':'..(A[4] or '')
local function ends() local v=c('HMGET',K,'from','end') return tonumber(v[1] or '0'),tonumber(v[2] or '0') end
local function keep(k) c('PEXPIRE',k,604800000) end
`;

/**
 * Writes samples behind the end, and only those that are not there. ARGV: 5 position, 6 samples as bytes. Answers `ok` or `gap`, where it
 * ended before, and where it ends. O(m).
 */
export const APPEND_AUDIO = repeatable(
  script(
    'adds',
    TRACK,
    String.raw`
local from,last=ends()
local at,pcm=tonumber(A[5]),A[6]
if at>last then return {'gap',last,last} end
local skip,len,end_=(last-at)*2,#pcm,last
while skip<len do
  local room=(N-end_%N)*2
  local piece=string.sub(pcm,skip+1,skip+room)
  local k=K..':'..math.floor(end_/N)
  c('SETRANGE',k,(end_%N)*2,piece)
  keep(k)
  skip=skip+#piece
  end_=end_+#piece/2
end
if end_>last then
  c('HSET',K,'end',end_) keep(K)
  c('SADD',S..':a:'..A[3],A[4]) keep(S..':a:'..A[3])
end
return {'ok',last,end_}
`,
  ),
);

/** Where a track ends. O(1). */
export const AUDIO_END = script('reads', TRACK, 'local _,last=ends() return last');

/** Samples of a range, in pieces; nothing when any is missing. ARGV: 5 from, 6 to. O(m). */
export const RANGE = script(
  'reads',
  TRACK,
  String.raw`
local from,last=ends()
local at,to=tonumber(A[5]),tonumber(A[6])
if at<from or to>last or last==0 then return false end
local r={}
while at<to do
  local stop=math.min(to,(math.floor(at/N)+1)*N)
  r[#r+1]=c('GETRANGE',K..':'..math.floor(at/N),(at%N)*2,(at%N+stop-at)*2-1)
  at=stop
end
return r
`,
);

/** Forgets samples before a position. ARGV: 5 position. O(m). */
export const TRIM = repeatable(
  script(
    'frees',
    TRACK,
    String.raw`
local from,last=ends()
local at=math.min(tonumber(A[5]),last)
if at<=from then return 0 end
for k=math.floor(from/N),math.floor(at/N)-1 do c('UNLINK',K..':'..k) end
c('HSET',K,'from',at)
return 1
`,
  ),
);

/** Forgets a session's channels. O(m). */
export const DROP_AUDIO = repeatable(
  script(
    'frees',
    String.raw`
local k=S..':a:'..A[3]
for _,ch in ipairs(c('SMEMBERS',k)) do
  local v=c('HMGET',k..':'..ch,'from','end')
  for n=math.floor(tonumber(v[1] or '0')/${SEGMENT_SAMPLES}),math.floor(tonumber(v[2] or '0')/${SEGMENT_SAMPLES}) do
    c('UNLINK',k..':'..ch..':'..n)
  end
  c('DEL',k..':'..ch)
end
c('DEL',k)
return 1
`,
  ),
);
