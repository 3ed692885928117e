local rows, first = KEYS[2], 3
--put
redis.call('PEXPIRE', KEYS[2], 3600000)
return {'ok'}
