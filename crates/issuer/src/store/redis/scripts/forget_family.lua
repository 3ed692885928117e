local stored = redis.call('GET', KEYS[1])
if not stored then return {'gone'} end
if stored ~= ARGV[1] then return {'changed'} end
redis.call('DEL', KEYS[1])
return {'ok'}
