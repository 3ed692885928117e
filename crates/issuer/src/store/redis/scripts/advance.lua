local record = redis.call('GET', KEYS[1])
if not record then return {'unknown'} end
-- Of a form that is known here, live, and this is its newest token.
if string.sub(record, 1, 10) ~= ARGV[1] then return {'read', record} end
if ARGV[4] == 'like' then
  if string.sub(record, 101) ~= ARGV[3] then return {'read', record} end
else
  local client = 102
  if string.byte(record, 101) ~= 0 then
    if string.sub(record, 101, 133) ~= ARGV[4] then return {'read', record} end
    client = 134
  end
  if string.sub(record, client, client + #ARGV[3] - 1) ~= ARGV[3] then return {'read', record} end
end
local idle_end, newest = struct.unpack('>I5I5', record, 19)
local oldest, created, absolute_end, idle = struct.unpack('>I5I5I5I5', record, 59)
local now = tonumber(ARGV[5])
if now < newest or now < created or now >= idle_end or now >= absolute_end or now <= oldest + tonumber(ARGV[6]) then
  return {'read', record}
end
if absolute_end < tonumber(ARGV[7]) then return {'read', record} end
local times = struct.pack('>I5I5', math.min(now + idle, absolute_end), now) .. string.sub(record, 24, 58)
redis.call('SETRANGE', KEYS[1], 2, ARGV[2] .. times)
return {'rotated', record}
