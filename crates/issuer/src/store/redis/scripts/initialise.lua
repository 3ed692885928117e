local stored = redis.call('HGET', KEYS[1], 'identity')
if stored then return {'taken', stored} end
redis.call('HSET', KEYS[1], 'layout', ARGV[2], 'identity', ARGV[3], 'owner', ARGV[4])
return {'ok'}
