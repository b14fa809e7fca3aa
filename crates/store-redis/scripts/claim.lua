
-- claim: a lane found by a sweep or a hint.
local head, session, lane, due, ids = unpack(KEYS)
local now = clock(ARGV[1])
local conversation, owner, name = ARGV[2], ARGV[3], ARGV[4]

if call('EXISTS', lane) == 0 then
  call('ZREM', due, conversation)
  return {'nothing'}
end
local known = call('HMGET', head, name .. '.generation', name .. '.owner', name .. '.until', 'handle', 'gone')
-- The entry is scored anew, never taken out: the claimer may die with the lane in its hands.
if is_live(known[2], known[3], now) then
  call('ZADD', due, known[3], conversation)
  return {'held'}
end
local generation, till = next_generation(known[1], now), text(now + LEASE)
call('HSET', head, name .. '.generation', generation, name .. '.owner', owner, name .. '.until', till)
call('ZADD', due, till, conversation)
stay(head, session, ids, known[5])
if name == 'turn' then
  call('HINCRBY', head, 'tries', 1)
  call('HSET', head, 'token', '')
  local rest = call('HMGET', head, 'version', 'tries')
  return {
    'turn', generation, rest[1] or '0', call('GET', session), known[4], rest[2], call('HGETALL', lane),
  }
end
return {'effects', generation, known[4], call('HGETALL', lane)}
