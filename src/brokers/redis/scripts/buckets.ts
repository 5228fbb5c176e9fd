import { script } from './script.ts';

/**
 * Takes from buckets that fill evenly: `S:b:<key>`, a hash of what is left `l` and since when `t`, gone when it is full again. ARGV: from 3 on,
 * four for each bucket: key, amount, most, period. Answers what is left in each. O(n).
 */
export const SPEND = script(
  'adds',
  String.raw`
local r={}
for i=3,#A,4 do
  local k=S..':b:'..A[i]
  local amount,most,period=tonumber(A[i+1]),tonumber(A[i+2]),tonumber(A[i+3])
  local v=c('HMGET',k,'l','t')
  local level=most
  if v[1] then level=math.min(most,tonumber(v[1])+most*math.max(0,t-tonumber(v[2]))/period) end
  level=level-amount
  local text=string.format('%.6f',level)
  c('HSET',k,'l',text,'t',int(t))
  c('PEXPIRE',k,int(math.ceil((most-level)/most*period)+1000))
  r[#r+1]=text
end
return r
`,
);
