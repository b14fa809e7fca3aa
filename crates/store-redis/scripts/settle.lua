
-- settle: executed effects, and what they bring back.
local head, session, mailbox, ids, outbox, other, due_turn, due = unpack(KEYS)
local now = clock(ARGV[1])
local conversation, owner, generation, name = ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local known = call('HMGET', head,
  name .. '.generation', name .. '.owner', 'turn.owner', 'turn.until', 'sequence', 'expires', 'handle', 'gone')
local held, holder, turn_owner, turn_till, sequence, expires, handle, gone = unpack(known)
expires = tonumber(expires)
if expires and expires <= now then
  call('DEL', head, session, ids)
  held, holder, turn_owner, turn_till, sequence, expires, handle, gone = nil
end
sequence = tonumber(sequence) or first_number(now)
local before = sequence
local changes = {}
local function set(field, value)
  changes[#changes + 1] = field
  changes[#changes + 1] = value
end

for place = 6, #ARGV, 7 do
  local effect, message, has_result, key, rank, replaceable, event = unpack(ARGV, place, place + 6)
  -- Absent: somebody settled it before, and its result was taken then.
  if call('HDEL', outbox, effect) == 1 then
    if message ~= '' then
      handle = message
      set('handle', message)
    end
    if has_result == '1' then
      sequence = sequence + 1
      append(head, mailbox, text(sequence), event, key, rank, replaceable == '1')
    end
  end
end

local is_empty = call('EXISTS', mailbox, outbox, other) == 0
local is_done = is_empty or call('EXISTS', outbox) == 0
if is_done then
  call('ZREM', due, conversation)
end
local outcome, effects = 'next', {}
if holder ~= owner or held ~= generation then
  outcome = 'fenced'
  if name == 'deliver' then
    -- The call may have landed after a later screen: show the current one again.
    sequence = sequence + 1
    -- The time makes its id unlike all others even after the conversation has expired and counts anew.
    local event = string.gsub(REDRAW, '@(%a+)@', {
      id = 'redraw-' .. text(now) .. '-' .. text(sequence), sequence = text(sequence), at = text(now),
    })
    append(head, mailbox, text(sequence), event, 'redraw', string.format('%020.0f', sequence), true)
    is_empty = false
  end
elseif is_done then
  outcome = 'released'
  set(name .. '.owner', '')
else
  effects = call('HGETALL', outbox)
  local till = text(now + LEASE)
  set(name .. '.until', till)
  reindex(due, conversation, till)
end
local wake = sequence > before
if wake then
  set('sequence', text(sequence))
  index(due_turn, conversation, turn_owner, turn_till, now)
end
keep(head, session, ids, changes, is_empty, expires, gone, now)
return {outcome, wake and 1 or 0, handle or false, effects}
