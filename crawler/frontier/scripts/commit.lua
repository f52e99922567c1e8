-- What a worker has to say, in its order: {worker, ttl, ops: [[what, …], …]}. A Redis that is full or takes no writes
-- does nothing of it; where an operation fails (a bug of ours), those before it are done and the rest is not.
--   push     crawl kind priority not_before fingerprint payload   queue a request that nobody has queued before
--   ack      crawl id holder delta                                a request is done: its account counts
--   requeue  crawl id holder delta payload not_before             it is done with, and this takes its place
--   lead     crawl id holder delta payload not_before fingerprint linked led     the same where it was led to another
--            page; to one that was asked for before it is not: then `led` counts too if only redirects led there, else `linked`
--   put_off  crawl id holder delta payload seconds most           it failed: this is asked so long after all else is
--            done; of more than so many nothing is asked again
--   back     crawl id holder not_before                           it was not done
--   landed   crawl id                                             its dealer has answered
--   hold     dealer until why probe                               probe: one request is let through then, until `release`
--   release  dealer · slow dealer seconds
--   cut      crawl why given_up                                   its crawl ends early
--   blocked  crawl fingerprint                                    it was a block page: who is led there asks for it
--   add      crawl delta number                                   counted beside any request, numbered by the worker
-- Gives the numbers (from 0) of what was refused: fingerprints that are known, leases that somebody else has.
redis.call('SET', P .. 'room', 1) -- a full Redis refuses a script's first write only: this one, before anything is done
redis.call('DEL', P .. 'room')
local refused = {}
local seen = {}

local function is_open(crawl)
    if seen[crawl] == nil then
        local said = redis.call('HMGET', key(crawl, 'state'), 'dealer', 'cut_short', 'verdict')
        seen[crawl] = said[1] and not said[3] and (said[2] and 'cut' or 'open') or 'gone'
    end
    return seen[crawl] == 'open'
end

local does = {}

function does.push(crawl, kind, priority, not_before, fingerprint, payload)
    local open = is_open(crawl)
    if seen[crawl] == 'gone' or redis.call('SADD', key(crawl, 'dupefilter'), fingerprint) == 0 then return false end
    local seq = redis.call('HINCRBY', key(crawl, 'state'), 'seq', 1)
    local rid = kind .. seq
    redis.call('HINCRBY', key(crawl, 'account'), 'requests', 1)
    redis.call('HSET', key(crawl, open and 'requests' or 'unasked'), rid, payload)
    if open then wait(crawl, rid, seq - priority * STEP, not_before) end
    return open
end

function does.ack(crawl, rid, holder, delta)
    is_open(crawl)
    if not unlease(crawl, rid, args.worker, holder) then return false end
    forget(crawl, rid)
    add(crawl, delta)
    is_done(crawl)
    return true
end

-- It is open no more, and kept in a part of what is asked later, or never.
local function set_aside(crawl, rid, payload, part)
    forget(crawl, rid)
    redis.call('HSET', key(crawl, part), rid, payload)
    is_done(crawl)
end

function does.requeue(crawl, rid, holder, delta, payload, not_before)
    if not unlease(crawl, rid, args.worker, holder) then return false end
    add(crawl, delta)
    if is_open(crawl) then
        redis.call('HSET', key(crawl, 'requests'), rid, payload)
        wait(crawl, rid, FRONT + tonumber(string.sub(rid, 2)), not_before)
    else
        set_aside(crawl, rid, payload, 'unasked')
    end
    return true
end

function does.lead(crawl, rid, holder, delta, payload, not_before, fingerprint, linked, led)
    local held = redis.call('HGET', key(crawl, 'leased'), rid)
    if not held or string.match(held, '^%S+ (.+)$') ~= holder then return false end
    if not is_open(crawl) or redis.call('SADD', key(crawl, 'dupefilter'), fingerprint) == 1 then
        redis.call('SADD', key(crawl, 'led'), fingerprint)
        return does.requeue(crawl, rid, holder, delta, payload, not_before)
    end
    add(crawl, redis.call('SISMEMBER', key(crawl, 'led'), fingerprint) == 1 and led or linked)
    return does.ack(crawl, rid, holder, delta)
end

function does.put_off(crawl, rid, holder, delta, payload, seconds, most)
    is_open(crawl)
    if not unlease(crawl, rid, args.worker, holder) then return false end
    add(crawl, delta)
    redis.call('HSET', key(crawl, 'state'), 'put_off_s', seconds)
    set_aside(crawl, rid, payload, redis.call('HLEN', key(crawl, 'put_off')) < most and 'put_off' or 'unasked')
    return true
end

function does.blocked(crawl, fingerprint)
    if is_open(crawl) then redis.call('SREM', key(crawl, 'dupefilter'), fingerprint) end
    return true
end

function does.back(crawl, rid, holder, not_before)
    is_open(crawl)
    return give_back(crawl, rid, args.worker, holder, not_before, false)
end

function does.landed(crawl, rid)
    if redis.call('ZREM', key(crawl, 'flying'), rid) == 1 and redis.call('EXISTS', key(crawl, 'waiting')) == 1 then
        turn(crawl, now)
    end
    return true
end

function does.cut(crawl, why, given_up)
    if is_open(crawl) then
        redis.call('HSET', key(crawl, 'state'), 'cut_short', why, 'given_up', given_up)
        seen[crawl] = 'cut'
        turn(crawl, now)
    end
    return true
end

-- Said again, where the answer was lost, it counts once: what a worker says comes in its order.
function does.add(crawl, delta, number)
    is_open(crawl)
    if seen[crawl] == 'gone' then return true end
    if number > tonumber(redis.call('HGET', key(crawl, 'added'), args.worker) or 0) then
        redis.call('HSET', key(crawl, 'added'), args.worker, number)
        add(crawl, delta)
    end
    return true
end

function does.hold(dealer, until_, why, probe)
    local pace = P .. 'pace:' .. dealer
    local said = redis.call('HMGET', pace, 'held_until', 'probing')
    if said[2] or until_ > tonumber(said[1] or 0) then
        redis.call('HSET', pace, 'held_until', text(until_), 'held_why', why)
        redis.call('ZADD', P .. 'held', until_, dealer)
        redis.call('EXPIRE', P .. 'held', args.ttl)
        redis.call('HDEL', pace, 'probing')
        if probe then redis.call('HSET', pace, 'probe', 1) end
        local crawl = redis.call('HGET', P .. 'running', dealer)
        if crawl then turn(crawl, until_) end
        redis.call('EXPIRE', pace, args.ttl)
    end
    return true
end

function does.release(dealer)
    redis.call('HDEL', P .. 'pace:' .. dealer, 'held_until', 'held_why', 'probe', 'probing')
    redis.call('ZREM', P .. 'held', dealer)
    local crawl = redis.call('HGET', P .. 'running', dealer)
    if crawl then turn(crawl, now) end
    return true
end

function does.slow(dealer, delay)
    local pace = P .. 'pace:' .. dealer
    if delay > tonumber(redis.call('HGET', pace, 'delay') or 0) then
        redis.call('HSET', pace, 'delay', delay)
        redis.call('EXPIRE', pace, args.ttl)
    end
    return true
end

for number, op in ipairs(args.ops) do
    if not does[op[1]](unpack(op, 2)) then table.insert(refused, number - 1) end
end
for crawl, how in pairs(seen) do
    if how ~= 'gone' then expire(crawl, args.ttl) end
end
return refused
