redis.call('ZADD', KEYS[3], changed, ARGV[3])
local over = redis.call('ZCARD', KEYS[3]) - tonumber(ARGV[4])
if over > 0 then
  local gone = redis.call('ZPOPMIN', KEYS[3], over)
  redis.call('HSET', KEYS[1], 'floor', gone[#gone])
end
return {'ok'}
