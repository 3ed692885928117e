local at = redis.call('HMGET', KEYS[2], 'id', 'sequence', 'head', 'floor')
local is_there = at[1] == ARGV[6] and at[2] == ARGV[8] and at[3] == ARGV[9]
if not is_there then
  if (at[1] or '') ~= ARGV[3] or (at[2] or '') ~= ARGV[4] or (at[3] or '') ~= ARGV[5] then
    return {'moved', at[1], at[2], at[3]}
  end
  -- Also where the log is gone: under its old name none begins again.
  if redis.call('HGET', KEYS[1], 'first_log') == ARGV[6] then return {'moved', at[1], at[2], at[3]} end
  local staged = redis.call('ZCARD', KEYS[4])
  if staged ~= tonumber(ARGV[14]) then return {'expired'} end
  redis.call('UNLINK', KEYS[3])
  if staged > 0 then
    redis.call('RENAME', KEYS[4], KEYS[3])
    redis.call('PERSIST', KEYS[3])
  end
  redis.call('HSETNX', KEYS[1], 'first_log', ARGV[6])
  local floor = ARGV[12]
  if tonumber(at[4] or 0) > tonumber(floor) then floor = at[4] end
  redis.call('HSET', KEYS[2], 'id', ARGV[6], 'start', ARGV[7], 'anchor', ARGV[10], 'anchor_head', ARGV[11],
    'floor', floor, 'marks', ARGV[13])
end
redis.call('HSET', KEYS[1], 'layout', ARGV[2])
redis.call('HSET', KEYS[2], 'sequence', ARGV[8], 'head', ARGV[9])
return {'ok'}
