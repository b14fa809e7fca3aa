-- entries: of a room's transcript, those that changed after a number, or the last ones.
local bodies, positions, changes = unpack(KEYS)
local what, limit = ARGV[1], tonumber(ARGV[3])
local ids
if what == 'since' then
  ids = redis.call('ZRANGE', changes, '(' .. ARGV[2], '+inf', 'BYSCORE', 'LIMIT', 0, limit)
else
  ids = redis.call('ZRANGE', positions, -limit, -1)
end
local found = {}
for place, id in ipairs(ids) do
  found[place] = {
    id,
    string.format('%.0f', redis.call('ZSCORE', positions, id)),
    string.format('%.0f', redis.call('ZSCORE', changes, id)),
    redis.call('HGET', bodies, id),
  }
end
return found
