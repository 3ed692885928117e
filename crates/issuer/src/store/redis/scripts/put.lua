local argv, last = ARGV, #ARGV
for from = first, last, 1000 do
  local some, to = {}, 0
  for at = from, math.min(from + 999, last) do
    some[to + 1], some[to + 2] = '0', argv[at]
    to = to + 2
  end
  redis.call('ZADD', rows, unpack(some, 1, to))
end
