local stored = redis.call('GET', KEYS[2])
if stored ~= ARGV[6] then return {'changed', stored} end
for at = 4, #KEYS do
  if redis.call('GET', KEYS[at]) ~= ARGV[at + 3] then return {'witness', at - 4} end
end
--change
redis.call('SET', KEYS[2], ARGV[5])
--note
