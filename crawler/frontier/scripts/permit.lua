-- One request to a dealer that has no lease of its own (robots.txt), or that comes late for its own:
-- {dealer, slack, longest, probe}. Gives the seconds until it may start, and 1 where that moment is kept for it: not
-- while the dealer is held (`probe`: but it may while one request tries it), nor where it would wait longer than `longest`.
local pace = P .. 'pace:' .. args.dealer
local said = redis.call('HMGET', pace, 'delay', 'next', 'held_until', 'probing')
local delay, held_until = tonumber(said[1] or 0), tonumber(said[3] or 0)
if args.probe and said[4] then held_until = 0 end
local start = math.max(now, tonumber(said[2] or 0))
if held_until > now then return {text(math.max(start, held_until) - now), 0} end
if start - now > args.longest then return {text(start - now), 0} end
if delay > 0 then redis.call('HSET', pace, 'next', text(start + step(delay, args.slack))) end
return {text(start - now), 1}
