-- A worker is alive, and takes requests: {worker, nonce, lease_s, room, per, ahead, slack, most_unasked, only?, skip,
-- holding?}.
-- Gives {now, leases, crawls to close, seconds to the next turn, whether the worker was known, dealers that are held
-- and until when}; a lease is eight texts:
-- crawl, id, payload, seconds until it may start, how often it was lost, how much was asked for in a limited crawl,
-- the dealer's delay, whether it is the one that tries a held dealer.
local known = redis.call('ZSCORE', P .. 'workers', args.worker) and 1 or 0
redis.call('ZADD', P .. 'workers', now + args.lease_s, args.worker)
local mine = P .. 'worker:' .. args.worker

-- Leases of workers that died go back.
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', P .. 'workers', '-inf', now, 'LIMIT', 0, 4)) do
    for _, entry in ipairs(redis.call('SMEMBERS', P .. 'worker:' .. dead)) do
        local crawl, rid = string.match(entry, '^(%S+) (%S+)$')
        local held = redis.call('HGET', key(crawl, 'leased'), rid)
        if held and string.find(held, ' ' .. dead .. '/', 1, true) then give_back(crawl, rid, dead, nil, 0, true) end
    end
    redis.call('DEL', P .. 'worker:' .. dead)
    redis.call('ZREM', P .. 'workers', dead)
    redis.call('HDEL', P .. 'only', dead)
end

-- After Redis forgot its last moment, it may hold us to leases that we do not have.
if args.holding then
    local have = {}
    for _, entry in ipairs(args.holding) do have[entry] = true end
    for _, entry in ipairs(redis.call('SMEMBERS', mine)) do
        if not have[entry] then
            local crawl, rid = string.match(entry, '^(%S+) (%S+)$')
            give_back(crawl, rid, args.worker, nil, 0, false)
            redis.call('SREM', mine, entry)
        end
    end
end

local wanted, skipped
if args.only then
    wanted = {}
    for _, crawl in ipairs(args.only) do wanted[tostring(crawl)] = true end
    if redis.call('HEXISTS', P .. 'only', args.worker) == 0 then -- whoever finds another crawl sees that nobody is at it
        redis.call('HSET', P .. 'only', args.worker, cjson.encode(args.only))
    end
end
skipped = {}
for _, crawl in ipairs(args.skip) do skipped[tostring(crawl)] = true end

-- Up to `most` crawls of ours whose time has come in a sorted set, the one that waits longest first. Those that we are
-- to take are asked for by name: behind thousands of others they would never be found.
local function due(set, most)
    local found = {}
    if wanted then
        local at = {}
        for crawl in pairs(wanted) do
            local score = not skipped[crawl] and redis.call('ZSCORE', set, crawl)
            if score and tonumber(score) <= now then
                at[crawl] = tonumber(score)
                table.insert(found, crawl)
            end
        end
        table.sort(found, function(one, other)
            if at[one] ~= at[other] then return at[one] < at[other] end
            return one < other
        end)
        for i = #found, most + 1, -1 do table.remove(found, i) end
        return found
    end
    for from = 0, 4500, 500 do
        local some = redis.call('ZRANGEBYSCORE', set, '-inf', now, 'LIMIT', from, 500)
        for _, crawl in ipairs(some) do
            if #found >= most then return found end
            if not skipped[crawl] then table.insert(found, crawl) end
        end
        if #some < 500 then return found end
    end
    return found
end

local to_close = due(P .. 'closing', 4)
for _, crawl in ipairs(to_close) do redis.call('ZADD', P .. 'closing', now + args.lease_s, crawl) end

-- A crawl that was cut short loses what nobody has begun: some of it is kept for who closes it, the rest only counted.
local function drained(crawl, why)
    local requests, unasked = key(crawl, 'requests'), key(crawl, 'unasked')
    local kept = redis.call('HLEN', unasked)
    for _, part in ipairs({'waiting', 'delayed'}) do
        local popped = redis.call('ZPOPMIN', key(crawl, part), 1000)
        local more = 0
        for i = 1, #popped, 2 do
            local payload = kept < args.most_unasked and redis.call('HGET', requests, popped[i])
            if payload then
                redis.call('HSET', unasked, popped[i], payload)
                kept = kept + 1
            else
                more = more + 1
            end
            forget(crawl, popped[i])
        end
        if more > 0 then redis.call('HINCRBY', key(crawl, 'account'), 'errors.' .. why, more) end
        if #popped == 2000 then return false end
    end
    return true
end

local leases = {}
local room = args.room

local function take(crawl, dealer, limited, ahead)
    local pace = P .. 'pace:' .. dealer
    local said = redis.call('HMGET', pace, 'delay', 'next', 'held_until', 'cap', 'probe')
    local delay, held_until, cap = tonumber(said[1] or 0), tonumber(said[3] or 0), tonumber(said[4] or 0)
    if held_until > now then return held_until end
    local probe = said[5]
    local start = math.max(now, tonumber(said[2] or 0))
    local waiting, requests = key(crawl, 'waiting'), key(crawl, 'requests')
    local some_lost = redis.call('EXISTS', key(crawl, 'lost')) == 1
    local asked = limited and redis.call('HGET', key(crawl, 'account'), 'asked') or '0'
    local next_turn = now
    local took = 0
    while took < args.per and room > 0 do
        if start > now + ahead then break end
        if cap > 0 and redis.call('ZCARD', key(crawl, 'flying')) >= cap then
            next_turn = now + 1 -- or as soon as one has landed
            break
        end
        if limited then
            local head = redis.call('ZRANGE', waiting, 0, 0)[1]
            if head and string.sub(head, 1, 1) == 's' then
                if redis.call('HEXISTS', key(crawl, 'state'), 'section_out') == 1 then
                    next_turn = now + 1
                    break
                end
                redis.call('HSET', key(crawl, 'state'), 'section_out', head)
            end
        end
        local popped = redis.call('ZPOPMIN', waiting)
        if #popped == 0 then break end
        local rid, payload = popped[1], redis.call('HGET', requests, popped[1])
        if payload then
            redis.call('HSET', key(crawl, 'leased'), rid, popped[2] .. ' ' .. args.worker .. '/' .. args.nonce)
            redis.call('SADD', mine, crawl .. ' ' .. rid)
            if cap > 0 then redis.call('ZADD', key(crawl, 'flying'), now, rid) end
            local lost = some_lost and redis.call('HGET', key(crawl, 'lost'), rid) or '0'
            for _, part in ipairs({crawl, rid, payload, text(start - now), lost or '0', asked or '0', tostring(delay), probe or ''}) do
                table.insert(leases, part)
            end
            if delay > 0 then start = start + step(delay, args.slack) end
            took = took + 1
            room = room - 1
            if probe then -- nothing else until it is answered, or lost
                next_turn = now + 90
                redis.call('HSET', pace, 'held_until', text(next_turn), 'probing', 1)
                break
            end
        end
    end
    if took > 0 and delay > 0 then redis.call('HSET', pace, 'next', text(start)) end
    return math.max(next_turn, start - ahead)
end

-- When a crawl is to be looked at again; nil where only another push or a lease that ends can change anything.
local function look(crawl)
    local said = redis.call('HMGET', key(crawl, 'state'), 'dealer', 'paused', 'cut_short', 'limit', 'deadline')
    local dealer = said[1]
    if not dealer then return nil end
    if said[2] then return nil end
    if not said[3] and tonumber(said[5]) < now then
        redis.call('HSET', key(crawl, 'state'), 'cut_short', 'time_up')
        said[3] = 'time_up'
    end
    if said[3] then
        local all = drained(crawl, said[3])
        if all then is_done(crawl) end
        redis.call('EXPIRE', key(crawl, 'unasked'), 604800)
        return not all and now or nil
    end
    local delayed = key(crawl, 'delayed')
    for _, rid in ipairs(redis.call('ZRANGEBYSCORE', delayed, '-inf', now, 'LIMIT', 0, 200)) do
        redis.call('ZREM', delayed, rid)
        redis.call('ZADD', key(crawl, 'waiting'), FRONT + (tonumber(string.sub(rid, 2)) or 0), rid)
    end
    local at = now
    if room > 0 then at = take(crawl, dealer, said[4], args.ahead) end
    if redis.call('EXISTS', key(crawl, 'waiting')) == 1 then return at end
    local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
    return first[2] and tonumber(first[2]) or nil
end

local next_at = now + 3600
if room > 0 then
    for _, crawl in ipairs(due(P .. 'ring', 500)) do
        if room <= 0 then break end
        local at = look(crawl)
        if at then
            redis.call('ZADD', P .. 'ring', at, crawl)
        else
            redis.call('ZREM', P .. 'ring', crawl)
        end
    end
    for crawl in pairs(wanted or {}) do
        next_at = math.min(next_at, tonumber(redis.call('ZSCORE', P .. 'ring', crawl) or next_at))
    end
    if not wanted then
        local first = redis.call('ZRANGE', P .. 'ring', 0, 0, 'WITHSCORES')
        if first[2] then next_at = math.min(next_at, tonumber(first[2])) end
    end
end
redis.call('EXPIRE', mine, 604800)
redis.call('ZREMRANGEBYSCORE', P .. 'held', '-inf', now)
local held = redis.call('ZRANGE', P .. 'held', 0, 499, 'WITHSCORES')
return {text(now), leases, to_close, text(math.max(0, next_at - now)), known, held}
