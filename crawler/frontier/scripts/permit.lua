-- One request to a dealer that has no lease of its own (robots.txt), or that comes late for its own: {dealer, slack}.
-- Gives the seconds until it may start.
local pace = P .. 'pace:' .. args.dealer
local said = redis.call('HMGET', pace, 'delay', 'next', 'held_until')
local delay = tonumber(said[1] or 0)
local start = math.max(now, tonumber(said[2] or 0), tonumber(said[3] or 0))
if delay > 0 then redis.call('HSET', pace, 'next', text(start + step(delay, args.slack))) end
return text(start - now)
