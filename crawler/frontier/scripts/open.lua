-- A crawl begins: {crawl, state: {dealer, …}, pace: {delay, cap}, ttl, account, first: [[kind, priority, fingerprint, payload], …]}.
-- Gives 1, or 0 where a crawl of its dealer is under way.
local dealer = args.state.dealer
local before = redis.call('HGET', P .. 'running', dealer)
if before and is_alive(before) then return 0 end
if before then redis.call('ZREM', P .. 'ring', before) end -- it expired, or is closed
redis.call('HSET', P .. 'running', dealer, args.crawl)
-- The number is new: what stands under it is of another database that used this Redis before.
for _, part in ipairs(PARTS) do redis.call('UNLINK', key(args.crawl, part)) end
redis.call('ZREM', P .. 'ring', args.crawl)
redis.call('ZREM', P .. 'closing', args.crawl)
for field, value in pairs(args.state) do redis.call('HSET', key(args.crawl, 'state'), field, value) end
redis.call('HSET', key(args.crawl, 'state'), 'started', text(now), 'deadline', text(now + args.longest_s))
local pace = P .. 'pace:' .. dealer
redis.call('HSET', pace, 'delay', args.pace.delay, 'cap', args.pace.cap)
redis.call('EXPIRE', pace, args.ttl)
for _, entry in ipairs(args.first) do
    if redis.call('SADD', key(args.crawl, 'dupefilter'), entry[3]) == 1 then
        local seq = redis.call('HINCRBY', key(args.crawl, 'state'), 'seq', 1)
        local rid = entry[1] .. seq
        redis.call('HSET', key(args.crawl, 'requests'), rid, entry[4])
        wait(args.crawl, rid, seq - entry[2] * STEP, 0)
        redis.call('HINCRBY', key(args.crawl, 'account'), 'requests', 1)
    end
end
add(args.crawl, args.account)
expire(args.crawl, args.ttl)
is_done(args.crawl)
return 1
