-- What every script of the queue knows. KEYS[1]: prefix of all keys; ARGV[1]: the arguments as JSON. The clock is Redis's.
local P = KEYS[1]
local TIME = redis.call('TIME')
local now = tonumber(TIME[1]) + tonumber(TIME[2]) / 1e6
local args = cjson.decode(ARGV[1])

local PARTS = {
    'state', 'requests', 'waiting', 'delayed', 'leased', 'flying', 'lost', 'dupefilter', 'led', 'listings', 'account', 'added',
    'put_off', 'unasked',
}
local STEP = 68719476736 -- 2^36: a priority is worth more than any number of requests queued before
local FRONT = -1024 * STEP -- what was begun already goes before everything else

local function key(crawl, part) return P .. 'crawl:' .. crawl .. ':' .. part end

local function expire(crawl, seconds)
    for _, part in ipairs(PARTS) do redis.call('EXPIRE', key(crawl, part), seconds) end
end

-- Whose turn it is: a crawl is looked at when its time has come, the one that waits longest first.
local function turn(crawl, at) redis.call('ZADD', P .. 'ring', 'LT', at, crawl) end

-- Whether a crawl is known and not closed: its state expires, its dealer's entry in `running` does not.
local function is_alive(crawl)
    local said = redis.call('HMGET', key(crawl, 'state'), 'dealer', 'verdict')
    return said[1] and not said[2]
end

local function forget(crawl, rid)
    redis.call('HDEL', key(crawl, 'requests'), rid)
    redis.call('HDEL', key(crawl, 'lost'), rid)
end

-- The lease of a request ends, if `holder` has it (nil: whoever has it). Gives the score that it had; nil where not.
local function unlease(crawl, rid, worker, holder)
    local held = redis.call('HGET', key(crawl, 'leased'), rid)
    if not held then return nil end
    local score, by = string.match(held, '^(%S+) (.+)$')
    if holder and by ~= holder then return nil end
    redis.call('HDEL', key(crawl, 'leased'), rid)
    if redis.call('ZREM', key(crawl, 'flying'), rid) == 1 then turn(crawl, now) end
    redis.call('SREM', P .. 'worker:' .. worker, crawl .. ' ' .. rid)
    if string.sub(rid, 1, 1) == 's' and redis.call('HGET', key(crawl, 'state'), 'section_out') == rid then
        redis.call('HDEL', key(crawl, 'state'), 'section_out')
        turn(crawl, now)
    end
    return tonumber(score)
end

-- A request waits (again), from `at` on where that is not past.
local function wait(crawl, rid, score, at)
    if at > now then
        redis.call('ZADD', key(crawl, 'delayed'), at, rid)
        turn(crawl, at)
    else
        redis.call('ZADD', key(crawl, 'waiting'), score, rid)
        turn(crawl, now)
    end
end

-- Nothing is open of a crawl: what was put off to the end of its walk is asked for now (in one that was cut short never),
-- and without any it is to be closed.
local function is_done(crawl)
    if redis.call('HLEN', key(crawl, 'requests')) > 0 then return false end
    local said = redis.call('HMGET', key(crawl, 'state'), 'dealer', 'verdict', 'cut_short', 'put_off_s')
    if not said[1] or said[2] then return false end
    local put_off = redis.call('HGETALL', key(crawl, 'put_off'))
    redis.call('DEL', key(crawl, 'put_off'))
    for i = 1, #put_off, 2 do
        local rid = put_off[i]
        redis.call('HSET', key(crawl, said[3] and 'unasked' or 'requests'), rid, put_off[i + 1])
        if not said[3] then wait(crawl, rid, FRONT + tonumber(string.sub(rid, 2)), now + tonumber(said[4])) end
    end
    if #put_off > 0 and not said[3] then return false end
    redis.call('ZREM', P .. 'ring', crawl)
    redis.call('ZADD', P .. 'closing', 'NX', now, crawl)
    return true
end

local function give_back(crawl, rid, worker, holder, at, lost)
    local score = unlease(crawl, rid, worker, holder)
    if not score then return false end
    if redis.call('HEXISTS', key(crawl, 'requests'), rid) == 0 then return false end
    if lost then redis.call('HINCRBY', key(crawl, 'lost'), rid, 1) end
    wait(crawl, rid, score, at)
    return true
end

local function add(crawl, delta)
    for field, number in pairs(delta) do redis.call('HINCRBY', key(crawl, 'account'), field, number) end
end

-- From the time of one request to that of the next. Each may leave `slack` late and be on its way for JITTER longer than
-- the others, and yet no ten seconds at the dealer hold one too many.
local JITTER = 0.2
local function step(delay, slack) return delay * (1 + (math.min(slack, delay / 2) + JITTER) / 10) end

local function text(number) return string.format('%.6f', number) end
