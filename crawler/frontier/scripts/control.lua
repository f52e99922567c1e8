-- A crawl as a whole: {what, crawl, …}.
local crawl = args.crawl
local state = key(crawl, 'state')
if redis.call('HEXISTS', state, 'dealer') == 0 or redis.call('HEXISTS', state, 'verdict') == 1 then return 0 end

if args.what == 'stop' then
    redis.call('HSETNX', state, 'paused', text(now))
elseif args.what == 'resume' then
    local paused = redis.call('HGET', state, 'paused')
    if paused then
        redis.call('HDEL', state, 'paused')
        redis.call('HSET', state, 'deadline', text(tonumber(redis.call('HGET', state, 'deadline')) + now - tonumber(paused)))
        turn(crawl, now)
        is_done(crawl)
    end
elseif args.what == 'cut' then
    redis.call('HSETNX', state, 'cut_short', args.why)
    redis.call('HDEL', state, 'paused')
    turn(crawl, now)
elseif args.what == 'keep' then -- its dealer is still reserved in the database
    expire(crawl, args.ttl)
    redis.call('EXPIRE', P .. 'pace:' .. redis.call('HGET', state, 'dealer'), args.ttl)
    local said = redis.call('HMGET', state, 'paused', 'deadline')
    if not said[1] and tonumber(said[2]) < now then
        turn(crawl, now)
        if tonumber(said[2]) + args.grace_s < now then -- its last requests are held by somebody who never answers
            redis.call('HSETNX', state, 'cut_short', 'time_up')
            redis.call('ZREM', P .. 'ring', crawl)
            redis.call('ZADD', P .. 'closing', 'NX', now, crawl)
        end
    end
elseif args.what == 'closed' then
    local dealer = redis.call('HGET', state, 'dealer')
    if redis.call('HGET', P .. 'running', dealer) == tostring(crawl) then redis.call('HDEL', P .. 'running', dealer) end
    redis.call('ZREM', P .. 'closing', crawl)
    redis.call('ZREM', P .. 'ring', crawl)
    for _, part in ipairs(PARTS) do
        if part ~= 'state' and part ~= 'account' then redis.call('UNLINK', key(crawl, part)) end
    end
    redis.call('HSET', state, 'verdict', args.verdict)
    expire(crawl, 600)
end
return 1
