local seen = redis.call('GET', KEYS[2])
if seen then return {'seen', seen} end
redis.call('HSET', KEYS[1], 'layout', ARGV[2])
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
return {'ok'}
