local at = redis.call('HMGET', KEYS[2], 'id', 'sequence', 'head')
if at[1] ~= ARGV[3] or tonumber(at[2]) < tonumber(ARGV[4]) or (at[2] == ARGV[4] and at[3] ~= ARGV[5]) then
  return {'moved', at[1], at[2], at[3]}
end
redis.call('HSET', KEYS[2], 'sequence', at[2])
return {'ok'}
