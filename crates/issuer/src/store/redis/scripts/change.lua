redis.call('HSET', KEYS[1], 'layout', ARGV[2])
local changed = redis.call('HINCRBY', KEYS[1], 'counter', 1)
