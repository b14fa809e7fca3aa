
-- settle: executed effects, and what they bring back.
local head, session, mailbox, ids, outbox, other, due_turn, due = unpack(KEYS)
local now, lease, idle = clock(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local conversation, owner, generation, name, redraw = ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8]

local known = call('HMGET', head,
  name .. '.generation', name .. '.owner', 'turn.owner', 'turn.until', 'sequence', 'expires', 'handle')
local held, holder, turn_owner, turn_till, sequence, expires, handle = unpack(known)
if expires and tonumber(expires) <= now then
  call('DEL', head, session, ids)
  held, holder, turn_owner, turn_till, sequence, expires, handle = nil
end
sequence = tonumber(sequence) or 0
local before = sequence

for place = 9, #ARGV, 7 do
  local effect, message, has_result, key, rank, replaceable, event = unpack(ARGV, place, place + 6)
  -- Absent: somebody settled it before, and its result was taken then.
  if call('ZREMRANGEBYSCORE', outbox, effect, effect) == 1 then
    if message ~= '' then
      handle = message
      call('HSET', head, 'handle', message)
    end
    if has_result == '1' then
      sequence = sequence + 1
      append(head, mailbox, sequence, event, key, rank, replaceable == '1')
    end
  end
end

local effects = call('ZRANGE', outbox, 0, -1)
if #effects == 0 then
  call('ZREM', due, conversation)
end
local outcome = 'next'
if holder ~= owner or held ~= generation then
  outcome = 'fenced'
  if name == 'deliver' then
    -- The call may have landed after a later screen: show the current one again.
    sequence = sequence + 1
    -- The time makes its id unlike all others even after the conversation has expired and counts anew.
    local event = string.gsub(redraw, '@(%a+)@', {
      id = 'redraw-' .. text(now) .. '-' .. text(sequence), sequence = text(sequence), at = text(now),
    })
    append(head, mailbox, sequence, event, 'redraw', string.format('%020.0f', sequence), true)
  end
elseif #effects == 0 then
  outcome = 'released'
  call('HDEL', head, name .. '.owner', name .. '.until')
else
  local till = text(now + lease)
  call('HSET', head, name .. '.until', till)
  reindex(due, conversation, till)
end
local wake = sequence > before
if wake then
  call('HSET', head, 'sequence', text(sequence))
  index(due_turn, conversation, turn_owner, turn_till, now)
end
keep({mailbox, outbox, other}, {head, session, ids}, expires, now, idle)
return {outcome, wake and 1 or 0, handle or false, outcome == 'next' and effects or {}}
