local marks = redis.call('HMGET', KEYS[1], 'counter', 'floor')
local counter, since = tonumber(marks[1] or 0), tonumber(ARGV[3])
if since > counter then return {'all', marks[1] or '0', 1} end
local keyring = 0
if tonumber(redis.call('HGET', KEYS[2], 'changed') or 0) > since then keyring = 1 end
if since < tonumber(marks[2] or 0) then return {'all', marks[1], keyring} end
return {'ok', marks[1] or '0', keyring, redis.call('ZRANGE', KEYS[3], '(' .. ARGV[3], '+inf', 'BYSCORE')}
