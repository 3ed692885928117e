local at = redis.call('HMGET', KEYS[2], 'id', 'sequence', 'head')
local is_there = at[1] == ARGV[3] and at[2] == ARGV[6] and at[3] == ARGV[7]
if not is_there and (at[1] ~= ARGV[3] or at[2] ~= ARGV[4] or at[3] ~= ARGV[5]) then
  return {'moved', at[1], at[2], at[3]}
end
-- Written also where it is there already: what waits for replicas waits for this connection's own writes.
redis.call('HSET', KEYS[2], 'sequence', ARGV[6], 'head', ARGV[7])
local rows, first = KEYS[3], 8
--put
return {'ok'}
