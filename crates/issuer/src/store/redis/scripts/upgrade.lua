if redis.call('HGET', KEYS[1], 'layout') == '1' then redis.call('HSET', KEYS[1], 'layout', ARGV[1]) end
return redis.call('HGET', KEYS[1], 'layout')
