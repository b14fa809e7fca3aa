
-- release: a lane given up before its lease ends, by a process that stops.
local head, lane, due = unpack(KEYS)
local now = clock(ARGV[1])
local conversation, owner, generation, name = ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local known = call('HMGET', head, name .. '.generation', name .. '.owner')
if known[1] ~= generation or known[2] ~= owner then
  return {'fenced'}
end
call('HSET', head, name .. '.owner', '')
if call('EXISTS', lane) == 1 then
  call('ZADD', due, 'LT', text(now), conversation)
  return {'waiting'}
end
call('ZREM', due, conversation)
return {'freed'}
