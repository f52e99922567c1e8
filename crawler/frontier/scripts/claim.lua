-- Listings belong to the request that saw them first: {crawl, ttl, claims: [[id, key], …]}. Gives 1 or 0 for each.
local listings = key(args.crawl, 'listings')
local answers = {}
for i, claim in ipairs(args.claims) do
    if redis.call('HSETNX', listings, claim[2], claim[1]) == 1 or redis.call('HGET', listings, claim[2]) == claim[1] then
        answers[i] = 1
    else
        answers[i] = 0
    end
end
redis.call('EXPIRE', listings, args.ttl)
return answers
