local about = redis.call('HMGET', KEYS[1], 'owner', 'layout')
if ARGV[1] ~= '' and about[1] ~= ARGV[1] then return {'lost'} end
if about[2] and about[2] ~= ARGV[2] then return {'layout', about[2]} end
