
-- renew: a lease to be prolonged.
local head, due = unpack(KEYS)
local now = clock(ARGV[1])
local conversation, owner, generation, name = ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local known = call('HMGET', head, name .. '.generation', name .. '.owner')
if known[1] ~= generation or known[2] ~= owner then
  return 0
end
local till = text(now + LEASE)
call('HSET', head, name .. '.until', till)
reindex(due, conversation, till)
return 1
