
-- put: an entry of a room's transcript.
local bodies, positions, changes = unpack(KEYS)
local now, idle, bound = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local id, body, channel, room = ARGV[4], ARGV[5], ARGV[6], ARGV[7]

-- Never below the time: a page keeps the last number it saw for longer than an idle room is kept.
local last = call('ZRANGE', changes, -1, -1, 'WITHSCORES')[2]
local sequence = text(math.max((tonumber(last) or 0) + 1, now))
call('HSET', bodies, id, body)
call('ZADD', positions, 'NX', sequence, id)
call('ZADD', changes, sequence, id)
local excess = call('ZCARD', positions) - bound
if excess > 0 then
  local dropped = call('ZRANGE', positions, 0, excess - 1)
  call('HDEL', bodies, unpack(dropped))
  call('ZREM', positions, unpack(dropped))
  call('ZREM', changes, unpack(dropped))
end
for _, key in ipairs(KEYS) do
  call('PEXPIRE', key, idle)
end
call('PUBLISH', channel, room)
return sequence
