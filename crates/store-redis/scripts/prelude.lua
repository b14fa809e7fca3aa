#!lua
-- What every script begins with. The shebang has Redis refuse the whole script when it is out of memory, instead of
-- failing at the first write. Times are in microseconds; they and generations are written with %.0f, because Lua's own
-- way keeps 14 digits and they have 16.
local call = redis.call

local function text(number)
  return string.format('%.0f', number)
end

-- The store's own clock; tests give the time.
local function clock(given)
  if given ~= '' then
    return tonumber(given)
  end
  local time = call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

-- Whether somebody holds a lease that has not expired.
local function is_live(owner, till, now)
  return owner and now < tonumber(till)
end

-- Above the last generation, and above any that was forgotten with an expired conversation or lost in a fail-over.
local function next_generation(last, now)
  return text(math.max((tonumber(last) or 0) + 1, now))
end

-- Writes the index entry of a lane with something in it: at the lease's end, or at once when it is free. What has been
-- due for longer keeps its place.
local function index(due, conversation, owner, till, now)
  if is_live(owner, till, now) then
    call('ZADD', due, till, conversation)
  else
    call('ZADD', due, 'LT', text(now), conversation)
  end
end

-- Moves the index entry behind a prolonged lease, if there is one.
local function reindex(due, conversation, till)
  call('ZADD', due, 'XX', till, conversation)
end

-- Puts an event into a mailbox, whose lane's index entry the caller writes. Of a coalescing key the head remembers the
-- highest sequence seen and which waiting event a newer one may take the place of.
local function append(head, mailbox, sequence, event, key, order, replaceable)
  if key ~= '' then
    local field = 'k:' .. key
    local known = call('HGET', head, field)
    if known then
      local seen, waiting = string.match(known, '^(%d+):(%d*)$')
      if waiting ~= '' then
        call('ZREMRANGEBYSCORE', mailbox, waiting, waiting)
      end
      if seen > order then
        order = seen
      end
    end
    call('HSET', head, field, order .. ':' .. (replaceable and text(sequence) or ''))
  end
  call('ZADD', mailbox, text(sequence), text(sequence) .. '|' .. event)
end

-- A turn as its holder sees it.
local function turn(head, session, mailbox, generation)
  local known = call('HMGET', head, 'version', 'handle', 'tries')
  return {
    'turn', generation, known[1] or '0', call('GET', session), known[2], known[3] or '0',
    call('ZRANGE', mailbox, 0, -1),
  }
end

-- With nothing left in any lane a conversation begins to expire; `was` is the expiry it had. In `lanes` are its mailbox
-- and outboxes, in `kept` its head, session and remembered ids.
local function keep(lanes, kept, was, now, idle)
  if call('EXISTS', unpack(lanes)) == 0 then
    call('HSET', kept[1], 'expires', text(now + idle))
    for _, key in ipairs(kept) do
      call('PEXPIRE', key, text(math.ceil(idle / 1000)))
    end
  elseif was then
    call('HDEL', kept[1], 'expires')
    for _, key in ipairs(kept) do
      call('PERSIST', key)
    end
  end
end
