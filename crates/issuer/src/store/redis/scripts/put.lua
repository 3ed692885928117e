for from = first, #ARGV, 1000 do
  local some = {}
  for at = from, math.min(from + 999, #ARGV) do
    some[#some + 1] = '0'
    some[#some + 1] = ARGV[at]
  end
  redis.call('ZADD', rows, unpack(some))
end
