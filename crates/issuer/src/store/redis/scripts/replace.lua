local stored = redis.call('GET', KEYS[2])
if stored ~= ARGV[6] then return {'changed', stored} end
if KEYS[4] and redis.call('GET', KEYS[4]) ~= ARGV[7] then return {'witness'} end
--change
redis.call('SET', KEYS[2], ARGV[5])
--note
