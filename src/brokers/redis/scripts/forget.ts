import { REMOVE_LOG } from './events.ts';
import { REMOVE_OUTCOME } from './outcomes.ts';
import { QUEUE } from './queue-prelude.ts';
import { script } from './script.ts';
import { REMOVE_RECORD } from './sessions.ts';

/**
 * Removes all of a session but its audio and blobs, in one step: records, jobs of both queues, dead letters, outcomes, what is known of its
 * slots, and events. ARGV: 3 anything, 4 session, 5 `over` to do it only when its record is past its time, 6… kinds of records.
 * Answers 1 when there was a record. O(m log n).
 */
export const FORGET = script(
  'frees',
  QUEUE,
  REMOVE_RECORD,
  REMOVE_LOG,
  REMOVE_OUTCOME,
  String.raw`
local sn,had=A[4],0
if A[5]=='over' then
  for i=6,#A do
    local v=c('HMGET',S..':s:'..A[i]..':'..sn,'v','x')
    if v[1] and (not v[2] or tonumber(v[2])>t) then return 0 end
  end
end
for i=6,#A do had=math.max(had,remove_record(A[i],sn)) remove_log(A[i],sn) end
for _,name in ipairs({'jobs','hooks'}) do
  Q=S..':q:'..name
  for _,id in ipairs(c('ZRANGE',Q..':js:'..sn,0,-1)) do drop(id) end
  for _,id in ipairs(c('SMEMBERS',Q..':jd:'..sn)) do drop(id) end
  for _,o in ipairs(c('SMEMBERS',Q..':os:'..sn)) do remove_outcome(o) end
  tell('*',name)
end
c('DEL',S..':m:'..sn)
return had
`,
);
