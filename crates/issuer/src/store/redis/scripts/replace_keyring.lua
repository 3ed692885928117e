local stored = redis.call('HMGET', KEYS[2], 'version', 'blob')
if (stored[1] or '') ~= ARGV[3] then return {'conflict', stored[1], stored[2]} end
--change
local version = redis.call('HINCRBY', KEYS[2], 'version', 1)
redis.call('HSET', KEYS[2], 'blob', ARGV[4], 'changed', changed)
return {'ok', version}
