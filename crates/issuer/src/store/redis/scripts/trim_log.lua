local at = redis.call('HMGET', KEYS[2], 'id', 'sequence', 'anchor', 'floor')
if at[1] ~= ARGV[3] then return {'ok'} end
local sequence, anchor = tonumber(at[2]), tonumber(ARGV[5])
if sequence < tonumber(ARGV[4]) or sequence < anchor then return {'ok'} end
if anchor > tonumber(at[3]) then redis.call('HSET', KEYS[2], 'anchor', ARGV[5], 'anchor_head', ARGV[6]) end
if tonumber(ARGV[7]) > tonumber(at[4]) then redis.call('HSET', KEYS[2], 'floor', ARGV[7]) end
redis.call('HSET', KEYS[2], 'marks', ARGV[8])
for from = 9, #ARGV, 4000 do
  redis.call('ZREM', KEYS[3], unpack(ARGV, from, math.min(from + 3999, #ARGV)))
end
return {'ok'}
