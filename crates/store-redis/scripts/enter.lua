
-- enter: an event on its way into the mailbox. `cached` is the last commit (generation:version) whose session the caller
-- still has.
local head, session, mailbox, ids, due = unpack(KEYS)
local now = clock(ARGV[1])
local conversation, owner, token, take = ARGV[2], ARGV[3], ARGV[4], ARGV[5] == '1'
local id, order, bounded = ARGV[6], ARGV[7], ARGV[8] == '1'
local key, rank, replaceable, event, cached = ARGV[9], ARGV[10], ARGV[11] == '1', ARGV[12], ARGV[13]

local known = call('HMGET', head,
  'turn.generation', 'turn.owner', 'turn.until', 'token', 'sequence', 'expires', 'floor', 'ordered_at',
  'version', 'handle', 'tries', 'committed', 'gone')
local generation, holder, till, last_token, sequence, expires, floor, ordered_at, version, handle, tries, committed,
  gone = unpack(known)
expires = tonumber(expires)
if expires and expires <= now then
  call('DEL', head, session, ids)
  generation, holder, till, last_token, sequence, expires, floor, ordered_at, version, handle, tries, committed, gone = nil
end
local waiting = call('HLEN', mailbox)

-- What the caller gets with the turn. `alone` is the number of the event just sent when nothing else waits: that one the
-- caller has.
local function turn(alone)
  return {
    'turn', generation, version or '0', committed == cached or call('GET', session), handle or false, tries or '0', alone or call('HGETALL', mailbox),
  }
end

sequence = (tonumber(sequence) or first_number(now)) + 1
local number = text(sequence)
-- Ordered ids sort by their order, at score -1; the others by when they came.
local member, score = 'u' .. id, number
-- Whether keys are made that have no expiry yet: before the first commit, or when the last id was forgotten.
local is_anew = not version
if order ~= '' then
  member, score = 'o' .. order .. id, '-1'
  -- A platform may number its events anew after a long silence.
  if ordered_at and now - tonumber(ordered_at) >= SILENCE then
    call('ZREMRANGEBYSCORE', ids, -1, -1)
    call('HDEL', head, 'floor', 'ordered_at')
    floor, is_anew = false, true
  end
end

local refused
if order ~= '' and floor and order <= floor then
  refused = 'late'
end
if not refused and key ~= '' then
  local seen = call('HGET', head, 'k:' .. key)
  if seen and rank <= string.match(seen, '^%d+') then
    refused = 'stale'
  end
end
if not refused and bounded and waiting >= BOUND then
  -- Only events of people count; that others wait as well is rare.
  local people = 0
  for _, other in ipairs(call('HVALS', mailbox)) do
    if string.sub(other, 1, 1) == 'p' then
      people = people + 1
    end
  end
  if people >= BOUND then
    refused = 'full'
  end
end

-- What is refused is not remembered; of all others remembering tells whether it was.
local is_duplicate
if refused then
  is_duplicate = call('ZSCORE', ids, member)
else
  is_duplicate = call('ZADD', ids, 'NX', score, member) == 0
end
if is_duplicate then
  if take and is_live(holder, till, now) and holder == owner and last_token == token then
    till = text(now + LEASE)
    call('HSET', head, 'turn.until', till)
    reindex(due, conversation, till)
    return turn()
  end
  return {'duplicate'}
elseif refused then
  return {refused}
end

append(head, mailbox, number, event, key, rank, replaceable)
local changes = {'sequence', number}
local function set(field, value)
  changes[#changes + 1] = field
  changes[#changes + 1] = value
end
if order ~= '' then
  set('ordered_at', text(now))
end
if is_anew and gone then
  set('gone', '')
end
-- Numbers begin round: before so many were given there cannot be too many ids.
if sequence % ROUND > REMEMBERED then
  if order == '' then
    local excess = call('ZCOUNT', ids, 0, '+inf') - REMEMBERED
    if excess > 0 then
      local first = call('ZCOUNT', ids, -1, -1)
      call('ZREMRANGEBYRANK', ids, first, first + excess - 1)
    end
  else
    local excess = call('ZCOUNT', ids, -1, -1) - REMEMBERED
    if excess > 0 then
      -- What is forgotten leaves a floor behind, so that a late duplicate is refused for good.
      local dropped = call('ZPOPMIN', ids, excess)
      local highest = string.sub(dropped[#dropped - 1], 2, 21)
      if not floor or highest > floor then
        set('floor', highest)
      end
    end
  end
end

local takes = take and not is_live(holder, till, now)
if takes then
  generation = next_generation(generation, now)
  till = text(now + LEASE)
  set('turn.generation', generation)
  set('turn.owner', owner)
  set('turn.until', till)
  set('token', token)
  call('ZADD', due, till, conversation)
else
  index(due, conversation, holder, till, now)
end
keep(head, session, ids, changes, false, expires, nil, now)
if not takes then
  return {'queued'}
end
return turn(waiting == 0 and sequence)
