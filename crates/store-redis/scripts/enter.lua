
-- enter: an event on its way into the mailbox.
local head, session, mailbox, ids, due = unpack(KEYS)
local now, lease = clock(ARGV[1]), tonumber(ARGV[2])
local conversation, owner, token, take = ARGV[3], ARGV[4], ARGV[5], ARGV[6] == '1'
local id, order, bounded = ARGV[7], ARGV[8], ARGV[9] == '1'
local key, rank, replaceable, event = ARGV[10], ARGV[11], ARGV[12] == '1', ARGV[13]
local bound, remembered, silence = tonumber(ARGV[14]), tonumber(ARGV[15]), tonumber(ARGV[16])

local known = call('HMGET', head,
  'turn.generation', 'turn.owner', 'turn.until', 'token', 'sequence', 'expires', 'floor', 'ordered_at')
local generation, holder, till, last_token, sequence, expires, floor, ordered_at = unpack(known)
if expires and tonumber(expires) <= now then
  call('DEL', head, session, ids)
  generation, holder, till, last_token, sequence, expires, floor, ordered_at = nil
end

-- Ordered ids sort by their order, at score -1; the others by when they came.
local member = 'u' .. id
if order ~= '' then
  member = 'o' .. order .. id
  -- A platform may number its events anew after a long silence.
  if ordered_at and now - tonumber(ordered_at) >= silence then
    call('ZREMRANGEBYSCORE', ids, -1, -1)
    call('HDEL', head, 'floor', 'ordered_at')
    floor = false
  end
end

if call('ZSCORE', ids, member) then
  if take and is_live(holder, till, now) and holder == owner and last_token == token then
    till = text(now + lease)
    call('HSET', head, 'turn.until', till)
    reindex(due, conversation, till)
    return turn(head, session, mailbox, generation)
  end
  return {'duplicate'}
end
if order ~= '' and floor and order <= floor then
  return {'late'}
end
if key ~= '' then
  local seen = call('HGET', head, 'k:' .. key)
  if seen and rank <= string.match(seen, '^%d+') then
    return {'stale'}
  end
end
if bounded and call('ZCARD', mailbox) >= bound then
  -- Only events of people count; that others wait as well is rare.
  local people = 0
  for _, waiting in ipairs(call('ZRANGE', mailbox, 0, -1)) do
    if string.find(waiting, '^%d+|p') then
      people = people + 1
    end
  end
  if people >= bound then
    return {'full'}
  end
end

sequence = (tonumber(sequence) or 0) + 1
append(head, mailbox, sequence, event, key, rank, replaceable)
local changes = {'sequence', text(sequence)}
if order == '' then
  call('ZADD', ids, sequence, member)
  local excess = call('ZCOUNT', ids, 0, '+inf') - remembered
  if excess > 0 then
    local first = call('ZCOUNT', ids, -1, -1)
    call('ZREMRANGEBYRANK', ids, first, first + excess - 1)
  end
else
  call('ZADD', ids, -1, member)
  changes[3], changes[4] = 'ordered_at', text(now)
  local excess = call('ZCOUNT', ids, -1, -1) - remembered
  if excess > 0 then
    -- What is forgotten leaves a floor behind, so that a late duplicate is refused for good.
    local highest = string.sub(call('ZRANGE', ids, excess - 1, excess - 1)[1], 2, 21)
    call('ZREMRANGEBYRANK', ids, 0, excess - 1)
    if not floor or highest > floor then
      changes[5], changes[6] = 'floor', highest
    end
  end
end
if expires then
  call('HDEL', head, 'expires')
  call('PERSIST', head)
  call('PERSIST', session)
  call('PERSIST', ids)
end

if not take or is_live(holder, till, now) then
  call('HSET', head, unpack(changes))
  index(due, conversation, holder, till, now)
  return {'queued'}
end
generation = next_generation(generation, now)
till = text(now + lease)
call('HSET', head, 'turn.generation', generation, 'turn.owner', owner, 'turn.until', till, 'token', token,
  unpack(changes))
call('ZADD', due, till, conversation)
return turn(head, session, mailbox, generation)
