
-- commit: the end of a turn.
local head, session, mailbox, ids, deliver, work, due_turn, due_deliver, due_work = unpack(KEYS)
local now, lease, idle = clock(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local conversation, owner, generation, version = ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local may_deliver, new_session, consumed = ARGV[8] == '1', ARGV[9], tonumber(ARGV[10])

local known = call('HMGET', head,
  'turn.generation', 'turn.owner', 'version', 'committed', 'sequence', 'expires',
  'deliver.generation', 'deliver.owner', 'deliver.until', 'work.generation', 'work.owner', 'work.until', 'handle')
local expires = known[6]
if expires and tonumber(expires) <= now then
  call('DEL', head, session, ids)
  known, expires = {}, nil
end
local lanes = {
  deliver = {
    key = deliver, due = due_deliver, generation = known[7], owner = known[8], till = known[9],
    may = may_deliver,
  },
  work = {key = work, due = due_work, generation = known[10], owner = known[11], till = known[12], may = true},
}
local both = {'deliver', 'work'}
local ours = known[2] == owner and known[1] == generation
local under = generation .. ':' .. version
-- The reply was lost: the same answer again, whether or not the lease is still held.
local repeated = known[4] == under
local changes = {}
local function set(field, value)
  changes[#changes + 1] = field
  changes[#changes + 1] = value
end
local function grant_lasts(name, lane)
  lane.till = text(now + lease)
  set(name .. '.until', lane.till)
end

local outcome, waiting = 'fenced', {}
if not repeated and ours and (known[3] or '0') == version then
  -- By sequence, never by position: a waiting event may have been replaced by one the turn has not seen.
  for place = 11, 10 + consumed do
    call('ZREMRANGEBYSCORE', mailbox, ARGV[place], ARGV[place])
  end
  call('SET', session, new_session)
  set('version', text(tonumber(version) + 1))
  set('committed', under)
  call('HDEL', head, 'tries')
  local sequence = tonumber(known[5]) or 0
  for place = 11 + consumed, #ARGV, 2 do
    local lane = lanes[ARGV[place]]
    sequence = sequence + 1
    call('ZADD', lane.key, text(sequence), text(sequence) .. '|' .. ARGV[place + 1])
    lane.appended = true
  end
  set('sequence', text(sequence))
  -- The turn's lease does not cover the outboxes: the next turn may run elsewhere while these effects are under way.
  for _, name in ipairs(both) do
    local lane = lanes[name]
    local free = not is_live(lane.owner, lane.till, now)
    if lane.may and free and (lane.appended or call('EXISTS', lane.key) == 1) then
      lane.generation = next_generation(lane.generation, now)
      lane.owner = owner
      set(name .. '.generation', lane.generation)
      set(name .. '.owner', owner)
      grant_lasts(name, lane)
      call('ZADD', lane.due, lane.till, conversation)
      lane.granted = true
    elseif lane.appended then
      index(lane.due, conversation, lane.owner, lane.till, now)
    end
  end
  repeated = true
end
if repeated then
  outcome = 'released'
  if ours then
    waiting = call('ZRANGE', mailbox, 0, -1)
    if #waiting > 0 then
      outcome = 'next'
      local till = text(now + lease)
      set('turn.until', till)
      reindex(due_turn, conversation, till)
    else
      call('ZREM', due_turn, conversation)
      call('HDEL', head, 'turn.owner', 'turn.until', 'token')
    end
  end
end

-- Every outbox lane the caller holds, also one it does not know of because the reply that granted it was lost. Not
-- prolonged: the delivery lane of a process that may not deliver, which should fall to one that may.
local held = {}
for _, name in ipairs(both) do
  local lane = lanes[name]
  if lane.owner == owner then
    if lane.may and not lane.granted then
      grant_lasts(name, lane)
      reindex(lane.due, conversation, lane.till)
    end
    held[#held + 1] = {name, lane.generation, call('ZRANGE', lane.key, 0, -1)}
  end
end
if #changes > 0 then
  call('HSET', head, unpack(changes))
end
if outcome ~= 'fenced' or #held > 0 then
  keep({mailbox, deliver, work}, {head, session, ids}, expires, now, idle)
end
return {outcome, waiting, known[13] or false, held}
