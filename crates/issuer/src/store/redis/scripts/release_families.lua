redis.call('ZREM', KEYS[2], unpack(ARGV, 3))
return {'ok'}
