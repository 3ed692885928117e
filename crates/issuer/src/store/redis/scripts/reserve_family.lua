if not redis.call('ZSCORE', KEYS[2], ARGV[3]) then
  if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[5]) then
    return {'full', redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')}
  end
  redis.call('HSET', KEYS[1], 'layout', ARGV[2])
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
end
redis.call('PEXPIRE', KEYS[2], ARGV[6], 'NX')
redis.call('PEXPIRE', KEYS[2], ARGV[6], 'GT')
return {'ok'}
