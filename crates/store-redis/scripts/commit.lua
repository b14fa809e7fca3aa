
-- commit: the end of a turn.
local head, session, mailbox, ids, deliver, work, due_turn, due_deliver, due_work = unpack(KEYS)
local now = clock(ARGV[1])
local conversation, owner, generation, version = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local may_deliver, new_session, consumed = ARGV[6] == '1', ARGV[7], tonumber(ARGV[8])
-- How many arguments a command is given at once: Lua's stack has its end.
local MANY = 1000

local known = call('HMGET', head,
  'turn.generation', 'turn.owner', 'version', 'committed', 'sequence', 'expires',
  'deliver.generation', 'deliver.owner', 'deliver.until', 'work.generation', 'work.owner', 'work.until', 'handle',
  'gone')
local expires, gone = tonumber(known[6]), known[14]
if expires and expires <= now then
  call('DEL', head, session, ids)
  known, expires, gone = {}, nil, nil
end
local lanes = {
  {
    name = 'deliver', key = deliver, due = due_deliver, generation = known[7], owner = known[8], till = known[9],
    may = may_deliver,
  },
  {name = 'work', key = work, due = due_work, generation = known[10], owner = known[11], till = known[12], may = true},
}
local by_name = {deliver = lanes[1], work = lanes[2]}
local ours = known[2] == owner and known[1] == generation
local under = generation .. ':' .. version
-- The reply was lost: the same answer again, whether or not the lease is still held.
local repeated = known[4] == under
local changes = {}
local function set(field, value)
  changes[#changes + 1] = field
  changes[#changes + 1] = value
end
local function grant_lasts(lane)
  lane.till = text(now + LEASE)
  set(lane.name .. '.until', lane.till)
end

local outcome, waiting, has_left, is_written = 'fenced', {}, false, false
if not repeated and ours and (known[3] or '0') == version then
  -- By sequence, never by position: a waiting event may have been replaced by one the turn has not seen.
  for first = 9, 8 + consumed, MANY do
    call('HDEL', mailbox, unpack(ARGV, first, math.min(first + MANY - 1, 8 + consumed)))
  end
  call('SET', session, new_session, 'KEEPTTL')
  set('version', text(tonumber(version) + 1))
  set('committed', under)
  set('tries', '0')
  local sequence = tonumber(known[5]) or first_number(now)
  local is_any = call('EXISTS', deliver, work) > 0
  for _, lane in ipairs(lanes) do
    lane.before, lane.new, lane.numbers = is_any and call('HLEN', lane.key) or 0, {}, {}
  end
  for place = 9 + consumed, #ARGV, 2 do
    local lane = by_name[ARGV[place]]
    local new = lane.new
    sequence = sequence + 1
    new[#new + 1] = text(sequence)
    new[#new + 1] = ARGV[place + 1]
    lane.numbers[#lane.numbers + 1] = sequence
  end
  set('sequence', text(sequence))
  -- The turn's lease does not cover the outboxes: the next turn may run elsewhere while these effects are under way.
  for _, lane in ipairs(lanes) do
    local count = #lane.new
    for first = 1, count, MANY do
      call('HSET', lane.key, unpack(lane.new, first, math.min(first + MANY - 1, count)))
    end
    if lane.may and lane.before + count > 0 and not is_live(lane.owner, lane.till, now) then
      lane.generation = next_generation(lane.generation, now)
      lane.owner = owner
      set(lane.name .. '.generation', lane.generation)
      set(lane.name .. '.owner', owner)
      grant_lasts(lane)
      call('ZADD', lane.due, lane.till, conversation)
      lane.granted = true
    elseif count > 0 then
      index(lane.due, conversation, lane.owner, lane.till, now)
      has_left = true
    end
  end
  repeated, is_written = true, true
end
if repeated then
  outcome = 'released'
  if ours then
    if call('EXISTS', mailbox) == 1 then
      waiting = call('HGETALL', mailbox)
      outcome = 'next'
      local till = text(now + LEASE)
      set('turn.until', till)
      reindex(due_turn, conversation, till)
    else
      call('ZREM', due_turn, conversation)
      set('turn.owner', '')
    end
  end
end

-- Every outbox lane the caller holds, also one it does not know of because the reply that granted it was lost. Not
-- prolonged: the delivery lane of a process that may not deliver, which should fall to one that may.
local held, left = {}, #waiting > 0
for _, lane in ipairs(lanes) do
  if lane.owner == owner then
    if lane.may and not lane.granted then
      grant_lasts(lane)
      reindex(lane.due, conversation, lane.till)
    end
    -- What the caller has just sent it need not hear again: of a lane with nothing else in it, only the numbers.
    local effects = lane.before == 0 and lane.numbers or call('HGETALL', lane.key)
    held[#held + 1] = {lane.name, lane.generation, effects}
    left = left or #effects > 0
  end
end
if outcome ~= 'fenced' or #held > 0 then
  local is_empty = not left and call('EXISTS', mailbox, deliver, work) == 0
  keep(head, session, ids, changes, is_empty, expires, gone, now)
  if has_left then
    stay(head, session, ids, gone)
  end
end
return {outcome, waiting, known[13] or false, held, is_written and 1 or 0}
