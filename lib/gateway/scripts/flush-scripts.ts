import { Script } from './script.js'

/**
 * The delayed flush is under the key that is nothing but the prefix, as text: `flush DUE NAME`, and while a gateway carries it
 * out `flush DUE NAME UNTIL GATEWAY`. Times are microseconds of the engine's clock.
 */
const READ = `
local function digits(microseconds) return string.format('%.0f', microseconds) end
local now = time[1] * 1000000 + time[2]
local text = redis.pcall('GET', key)
local due, name, claim
if type(text) == 'string' then due, name, claim = string.match(text, '^flush (%d+) (%S+)(.*)$') end
`

/** Replaces the delayed flush by one that is due after some seconds. */
export const ORDER_FLUSH = new Script(`${READ}
local seconds, new_name = unpack(ARGV)
redis.call('SET', key, 'flush ' .. digits(now + seconds * 1000000) .. ' ' .. new_name)
return OK
`)

/**
 * The flush that is due belongs to this gateway for some seconds, or again for some seconds. Returns its name, or a status: it is
 * not due yet, or another gateway has it.
 */
export const CLAIM_FLUSH = new Script(`${READ}
local gateway, seconds = unpack(ARGV)
if not due then return NOT_FOUND end
if tonumber(due) > now then return NOT_STORED end
local claim_end, owner = string.match(claim, '^ (%d+) (%S+)$')
if owner and owner ~= gateway and tonumber(claim_end) > now then return EXISTS end
claim_end = digits(now + seconds * 1000000)
redis.call('SET', key, table.concat({'flush', due, name, claim_end, gateway}, ' '))
return name
`)

/** Removes the flush of that name. One that was ordered meanwhile stays. */
export const END_FLUSH = new Script(`${READ}
if name == ARGV[1] then redis.call('DEL', key) end
return OK
`)
