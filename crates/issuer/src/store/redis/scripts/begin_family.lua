local is_new = redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])
-- Written also where it is there already: what waits for replicas waits for this connection's own writes.
if not is_new then redis.call('SETRANGE', KEYS[1], 0, string.sub(redis.call('GET', KEYS[1]), 1, 1)) end
return {'ok'}
