-- What every script begins with, after the shebang and the store's settings, which are part of the text (script.rs):
-- LEASE, IDLE, KEPT and SILENCE in microseconds, KEPT_MILLISECONDS, BOUND, REMEMBERED, REDRAW. Times are in microseconds; they
-- and generations are written with %.0f, because Lua's own way keeps 14 digits and they have 16.
local call = redis.call
local ROUND = 1000000

local last_number, last_text
local function text(number)
  if number ~= last_number then
    last_number, last_text = number, string.format('%.0f', number)
  end
  return last_text
end

-- The store's own clock; tests give the time.
local function clock(given)
  if given ~= '' then
    return tonumber(given)
  end
  local time = call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

-- Whether somebody holds a lease that has not expired. Fields of the head that end are made empty, not removed: that
-- goes into the one HSET a script ends with.
local function is_live(owner, till, now)
  return owner and owner ~= '' and now < tonumber(till)
end

-- Above the last generation, and above any that was forgotten with an expired conversation or lost in a fail-over.
local function next_generation(last, now)
  return text(math.max((tonumber(last) or 0) + 1, now))
end

-- Where the numbers of events and effects begin, a round one: above those of a conversation that was forgotten, of which
-- something may still wait if no process ran for days.
local function first_number(now)
  return now - now % ROUND
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
        call('HDEL', mailbox, waiting)
      end
      if seen > order then
        order = seen
      end
    end
    call('HSET', head, field, order .. ':' .. (replaceable and sequence or ''))
  end
  call('HSET', mailbox, sequence, event)
end

-- Writes fields of the head, and with nothing left in any lane the conversation begins to expire; `was` is the expiry
-- it had. All in one HSET, the costliest part of small calls.
--
-- What counts is the field `expires`. The keys' own expiry, told by `gone`, only frees the memory: it is a quarter of the
-- idle time later, and is put off when half of that quarter is used up, so that few events pay for it. It goes on
-- while a turn runs; `stay` ends it for what waits for longer.
local function keep(head, session, ids, changes, is_empty, was, gone, now)
  local function set(field, value)
    changes[#changes + 1] = field
    changes[#changes + 1] = value
  end
  local is_put_off = is_empty and (tonumber(gone) or 0) < now + (IDLE + KEPT) / 2
  if is_empty then
    set('expires', text(now + IDLE))
  elseif was then
    set('expires', '')
  end
  if is_put_off then
    set('gone', text(now + KEPT))
  end
  if #changes > 0 then
    call('HSET', head, unpack(changes))
  end
  if is_put_off then
    for _, key in ipairs({head, session, ids}) do
      call('PEXPIRE', key, KEPT_MILLISECONDS)
    end
  end
end

-- Nobody knows for how long something will wait: until then nothing of the conversation expires.
local function stay(head, session, ids, gone)
  if gone and gone ~= '' then
    for _, key in ipairs({head, session, ids}) do
      call('PERSIST', key)
    end
    call('HSET', head, 'gone', '')
  end
end
