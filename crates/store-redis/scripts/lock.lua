
-- lock: one named lock. The hash outlives its release for a day, so that the generation goes on from it; after that the
-- time takes its place.
local lock = KEYS[1]
local now, what = clock(ARGV[1]), ARGV[2]
local DAY = 86400000

local known = call('HMGET', lock, 'generation', 'holder', 'display', 'since', 'until')
local generation, holder, display, since, till = unpack(known)

local function granted()
  return {'granted', generation, since, till}
end
local function seen()
  return {'busy', generation, since, till, holder, display}
end
local function prolong(ttl)
  till = text(now + tonumber(ttl))
  call('HSET', lock, 'until', till)
  call('PEXPIRE', lock, text(math.ceil(tonumber(ttl) / 1000) + DAY))
end
local function grant(new_holder, new_display, ttl)
  generation, since = next_generation(generation, now), text(now)
  call('HSET', lock, 'generation', generation, 'holder', new_holder, 'display', new_display, 'since', since)
  prolong(ttl)
  return granted()
end

if what == 'acquire' then
  if holder == ARGV[3] then
    call('HSET', lock, 'display', ARGV[4])
    prolong(ARGV[5])
    return granted()
  elseif is_live(holder, till, now) then
    return seen()
  end
  return grant(ARGV[3], ARGV[4], ARGV[5])
elseif what == 'take_over' then
  local before = is_live(holder, till, now) and holder ~= ARGV[3] and seen() or false
  return {grant(ARGV[3], ARGV[4], ARGV[5]), before}
elseif what == 'renew' then
  if holder ~= ARGV[3] or generation ~= ARGV[4] then
    return {'lost'}
  end
  prolong(ARGV[5])
  return granted()
elseif what == 'release' then
  if holder ~= ARGV[3] or generation ~= ARGV[4] then
    return {'lost'}
  end
  call('HDEL', lock, 'holder', 'display')
  return {'released'}
end
return is_live(holder, till, now) and seen() or {'free'}
