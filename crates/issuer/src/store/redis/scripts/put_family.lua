local stored = redis.call('GET', KEYS[1])
if stored ~= ARGV[1] then return {'changed', stored} end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
if ARGV[3] ~= '' then
  redis.call('ZADD', KEYS[2], 0, ARGV[3])
  redis.call('PEXPIRE', KEYS[2], ARGV[4], 'NX')
  redis.call('PEXPIRE', KEYS[2], ARGV[4], 'GT')
end
return {'ok'}
