local layout = redis.call('HGET', KEYS[1], 'layout')
if layout == '1' or layout == '2' then redis.call('HSET', KEYS[1], 'layout', ARGV[1]) end
return redis.call('HGET', KEYS[1], 'layout')
