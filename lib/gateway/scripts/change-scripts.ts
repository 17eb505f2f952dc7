import { Script } from './script.js'

/** Stores a value: set, add and replace differ in the condition. Returns the new cas, or a status. */
export const STORE = new Script(`
local mode, wanted, own, flags, expiry, invalidates, value = unpack(ARGV)
local marks, keeps_time = 0, false
if wanted ~= '' then
  if not head then return NOT_FOUND end
  if not is_wanted(wanted) then
    local high, low = struct.unpack('>I4I4', wanted)
    local old_high, old_low = struct.unpack('>I4I4', old_cas())
    local is_older = high < old_high or (high == old_high and low < old_low)
    if invalidates == '' or not is_older then return EXISTS end
    -- The value of a client that lost the race to renew the item: it is stale, and lives as long as the one before it.
    marks, keeps_time = STALE, true
    if has(TOKEN_SENT) then marks = marks + TOKEN_SENT end
  end
elseif mode == 'A' and head then return EXISTS
elseif mode == 'R' and not head then return NOT_FOUND end
local cas = new_cas(own)
local item = header(marks, flags, cas) .. value
if keeps_time then redis.call('SET', key, item, 'KEEPTTL') else store(item, expiry) end
return cas
`)

/** Append and prepend. Returns the new cas and the new length, or a status. */
export const EXTEND = new Script(`
local mode, wanted, own, length_max, vivifies, flags, expiry, addition = unpack(ARGV)
if not head then
  if vivifies == '' then return NOT_STORED end
  if wanted ~= '' then return NOT_FOUND end
  local cas = new_cas(own)
  store(header(0, flags, cas) .. addition, expiry)
  return cas .. struct.pack('>I4', #addition)
end
if not is_wanted(wanted) then return EXISTS end
local kept = sub(head, 9, 12)
local length = redis.call('STRLEN', key) - LENGTH + #addition
length_max = tonumber(length_max)
if length > length_max - (kept == '\\0\\0\\0\\0' and 0 or 4) then
  return #addition > length_max and TOO_LARGE or NOT_STORED
end
local cas = new_cas(own)
local changed = header(0, kept, cas)
if mode == 'A' then
  redis.call('APPEND', key, addition)
  redis.call('SETRANGE', key, 0, changed)
else
  local old = redis.call('GETRANGE', key, LENGTH, -1)
  redis.call('SET', key, changed .. addition .. old, 'KEEPTTL')
end
return cas .. struct.pack('>I4', length)
`)

/**
 * Increments and decrements of 64 bits, in halves of 32. Returns whether the counter is new, the milliseconds that it had
 * left before, its header before, its digits, and its cas; or a status.
 */
export const COUNT = new Script(`
local sign, wanted, own, delta_high, delta_low, initial, expiry, new_expiry = unpack(ARGV)
if not head then
  if initial == '' then return NOT_FOUND end
  local cas = new_cas(own)
  local item = header(0, '\\0\\0\\0\\0', cas)
  store(item .. initial, expiry)
  return {1, -1, item, initial, cas}
end
local length = redis.call('STRLEN', key) - LENGTH
if length == 0 then return NOT_A_NUMBER end
if not is_wanted(wanted) then return EXISTS end
local text = redis.call('GETRANGE', key, LENGTH, LENGTH + 16383)
local digits, last = string.match(text, '^%s*%+?(%d+)(.?)')
if length > #text or not digits or not (last == '' or string.find(last, '^[%s%z]')) then return NOT_A_NUMBER end
digits = string.gsub(digits, '^0+(%d)', '%1')
if #digits > 20 then return NOT_A_NUMBER end
local high, low = 0, 0
for at = 1, #digits do
  low = low * 10 + string.byte(digits, at) - 48
  high = high * 10 + floor(low / WORD)
  low = low % WORD
  if high >= WORD then return NOT_A_NUMBER end
end
delta_high, delta_low = tonumber(delta_high), tonumber(delta_low)
if sign == '+' then
  low = low + delta_low
  high = (high + delta_high + floor(low / WORD)) % WORD
  low = low % WORD
elseif high < delta_high or (high == delta_high and low < delta_low) then
  high, low = 0, 0
else
  low, high = low - delta_low, high - delta_high
  if low < 0 then low, high = low + WORD, high - 1 end
end
local number = ''
repeat
  local rest = high % 10 * WORD + low
  high, low = floor(high / 10), floor(rest / 10)
  number = char(48 + rest % 10) .. number
until high == 0 and low == 0
local fits = #number <= length
local left = redis.call('PTTL', key)
local cas = new_cas(own)
local changed = MAGIC .. char(fits and string.byte(head, 4) or 0) .. sub(head, 5, 12) .. cas
local padding = fits and string.rep(' ', length - #number) or ''
redis.call('SET', key, changed .. number .. padding, 'KEEPTTL')
if new_expiry ~= '' then touch(new_expiry) end
return {0, left, head, number, cas}
`)

/** Deletes an item, or marks it as stale (I), or empties it (E). A plain delete also removes data of others. Returns a status. */
export const REMOVE = new Script(`
local how, wanted, own, expiry, flags = unpack(ARGV)
if not head then
  if how == 'D' and wanted == '' then redis.call('DEL', key) end
  return NOT_FOUND
end
if not is_wanted(wanted) then return EXISTS end
if how == 'D' then
  redis.call('DEL', key)
  return OK
end
local is_stale, is_empty = string.find(how, 'I'), string.find(how, 'E')
local cas = (is_stale or own ~= '') and new_cas(own) or old_cas()
local marks = 0
if is_stale then marks = STALE + (has(FETCHED) and FETCHED or 0) end
if is_empty then
  store(header(marks, flags, cas), expiry == '' and 'N' or expiry)
  return OK
end
redis.call('SETRANGE', key, 0, header(marks, sub(head, 9, 12), cas))
if expiry ~= '' then touch(expiry) end
return OK
`)
