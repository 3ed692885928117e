local stored = redis.call('GET', KEYS[2])
if stored then return {'exists', stored} end
if redis.call('SCARD', KEYS[4]) >= tonumber(ARGV[6]) then return {'full'} end
--change
redis.call('SET', KEYS[2], ARGV[5])
redis.call('SADD', KEYS[4], ARGV[3])
--note
