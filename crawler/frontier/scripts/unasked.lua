-- What a crawl that is to be closed never asked for, or put off and never came to: {crawl, most, written: [[id, delta], …]}.
-- What is written down is forgotten and counted, once; gives up to `most` of the rest as [id, payload, id, payload, …].
local parts = {'unasked'}
local said = redis.call('HMGET', key(args.crawl, 'state'), 'dealer', 'verdict', 'cut_short')
if not said[1] or said[2] then return {} end
if said[3] then parts = {'unasked', 'put_off', 'requests'} end -- also what somebody holds who never answers
for _, entry in ipairs(args.written) do
    local gone = 0
    for _, part in ipairs(parts) do gone = gone + redis.call('HDEL', key(args.crawl, part), entry[1]) end
    if gone > 0 then add(args.crawl, entry[2]) end
end
for _, part in ipairs(parts) do
    local found = redis.call('HRANDFIELD', key(args.crawl, part), args.most, 'WITHVALUES')
    if #found > 0 then return found end
end
return {}
