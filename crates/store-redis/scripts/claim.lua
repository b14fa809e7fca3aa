
-- claim: a lane found by a sweep or a hint.
local head, session, lane, due = unpack(KEYS)
local now, lease = clock(ARGV[1]), tonumber(ARGV[2])
local conversation, owner, name = ARGV[3], ARGV[4], ARGV[5]

if call('EXISTS', lane) == 0 then
  call('ZREM', due, conversation)
  return {'nothing'}
end
local known = call('HMGET', head, name .. '.generation', name .. '.owner', name .. '.until', 'handle')
-- The entry is scored anew, never taken out: the claimer may die with the lane in its hands.
if is_live(known[2], known[3], now) then
  call('ZADD', due, known[3], conversation)
  return {'held'}
end
local generation, till = next_generation(known[1], now), text(now + lease)
call('HSET', head, name .. '.generation', generation, name .. '.owner', owner, name .. '.until', till)
call('ZADD', due, till, conversation)
if name == 'turn' then
  call('HINCRBY', head, 'tries', 1)
  call('HDEL', head, 'token')
  return turn(head, session, lane, generation)
end
return {'effects', generation, known[4], call('ZRANGE', lane, 0, -1)}
