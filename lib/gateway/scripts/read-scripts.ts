import { Script } from './script.js'

/** Sets another expiry. Returns the header, or the whole item; or a status. */
export const TOUCH = new Script(`
local expiry, wants_value = unpack(ARGV)
if not head then return NOT_FOUND end
local item = wants_value == '' and head or redis.call('GET', key)
mark(char(string.byte(head, 4) + (has(FETCHED) and 0 or FETCHED)) .. access)
touch(expiry)
return item
`)

/**
 * A get that also touches the item, creates it, or chooses the client that renews it. Returns whether it is new (1) and
 * whether this client renews it (2), the milliseconds that it had left before, and the item before; or a status.
 */
export const META_GET = new Script(`
local expiry, vivify_expiry, recache_seconds, own, options = unpack(ARGV)
local function milliseconds(expiry)
  local kind, seconds = sub(expiry, 1, 1), tonumber(sub(expiry, 2))
  if kind == 'N' then return -1 end
  if kind == 'D' then return 0 end
  return (kind == 'R' and seconds or seconds - time[1]) * 1000
end
if not head then
  if vivify_expiry == '' then return NOT_FOUND end
  local item = header(TOKEN_SENT, '\\0\\0\\0\\0', new_cas(own))
  store(item, vivify_expiry)
  return {3, -1, item}
end
local item = redis.call('GET', key)
local left = redis.call('PTTL', key)
local marks = string.byte(head, 4)
local is_unseen, is_touched_first = string.find(options, 'U'), string.find(options, 'F')
local is_won = false
if not has(TOKEN_SENT) then
  local judged = (is_touched_first and expiry ~= '') and milliseconds(expiry) or left
  local ends_soon = recache_seconds ~= '' and judged >= 0 and math.ceil(judged / 1000) < tonumber(recache_seconds)
  is_won = has(STALE) or ends_soon
end
if is_won then marks = marks + TOKEN_SENT end
if not is_unseen and not has(FETCHED) then marks = marks + FETCHED end
-- A client that is told to renew the item must be the only one.
if not is_unseen then is_won = mark(char(marks) .. access) and is_won
elseif is_won then is_won = mark(char(marks)) end
if expiry ~= '' then touch(expiry) end
return {is_won and 2 or 0, left, item}
`)

/** Returns the milliseconds that the item has left, its header, and its length; or a status. */
export const DESCRIBE = new Script(
  `
if not head then return NOT_FOUND end
return {redis.call('PTTL', key), head, redis.call('STRLEN', key) - LENGTH}
`,
  { isRead: true },
)
