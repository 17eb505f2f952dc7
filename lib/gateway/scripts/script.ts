import { createHash } from 'node:crypto'
import { Status } from '../../request/status.js'
import { FORMAT_VERSION, HEADER_LENGTH, Mark } from '../items/item-format.js'

/** A Lua script of the engine. Each works on one key, and is called by its hash. */
export class Script {
  readonly source: string
  readonly hash: string
  /** It changes nothing: it may run again if its fate is unknown. */
  readonly isRead: boolean

  constructor(body: string, { isRead = false } = {}) {
    this.source = PRELUDE + body
    this.hash = createHash('sha1').update(this.source).digest('hex')
    this.isRead = isRead
  }
}

/**
 * What all scripts begin with. `head` is the header of the item, or false if there is none. A new cas is larger than the old
 * one and than the microseconds of the engine's clock: it rises for a key even if the key was deleted meanwhile. Numbers
 * of Lua are exact to 53 bits, so a cas is handled in halves.
 */
const PRELUDE = `
local OK, NOT_FOUND, EXISTS = ${Status.OK}, ${Status.NOT_FOUND}, ${Status.EXISTS}
local NOT_STORED, NOT_A_NUMBER, TOO_LARGE = ${Status.NOT_STORED}, ${Status.NOT_A_NUMBER}, ${Status.TOO_LARGE}
local STALE, TOKEN_SENT, FETCHED = ${Mark.STALE}, ${Mark.TOKEN_SENT}, ${Mark.FETCHED}
local LENGTH, WORD, MAGIC = ${HEADER_LENGTH}, 4294967296, 'KC\\${FORMAT_VERSION}'
local sub, char, floor = string.sub, string.char, math.floor
local key = KEYS[1]
local time = redis.call('TIME')
local access = struct.pack('>I4', time[1])

local head = redis.pcall('GETRANGE', key, 0, LENGTH - 1)
if type(head) ~= 'string' or #head < LENGTH or sub(head, 1, 3) ~= MAGIC then head = false end

local function has(mark)
  return head and floor(string.byte(head, 4) / mark) % 2 == 1
end

local function old_cas()
  return sub(head, 13, 20)
end

local function is_wanted(wanted)
  return wanted == '' or wanted == '*' or wanted == old_cas()
end

local function new_cas(own)
  if own ~= '' then return own end
  local now = time[1] * 1000000 + time[2]
  local high, low = floor(now / WORD), now % WORD
  if head then
    local old_high, old_low = struct.unpack('>I4I4', old_cas())
    local is_last = old_high == WORD - 1 and old_low == WORD - 1
    if not is_last and (old_high > high or (old_high == high and old_low >= low)) then
      high, low = old_high, old_low + 1
      if low == WORD then high, low = high + 1, 0 end
    end
  end
  return struct.pack('>I4I4', high, low)
end

local function header(marks, flags, cas)
  return MAGIC .. char(marks) .. access .. flags .. cas
end

-- An expiry: N for never, R and seconds from now, A and a time, D for one that has passed.
local function store(item, expiry)
  local kind, seconds = sub(expiry, 1, 1), sub(expiry, 2)
  if kind == 'N' then redis.call('SET', key, item)
  elseif kind == 'R' then redis.call('SET', key, item, 'EX', seconds)
  elseif kind == 'A' then redis.call('SET', key, item, 'EXAT', seconds)
  else redis.call('DEL', key) end
end

local function touch(expiry)
  local kind, seconds = sub(expiry, 1, 1), sub(expiry, 2)
  if kind == 'N' then redis.call('PERSIST', key)
  elseif kind == 'R' then redis.call('EXPIRE', key, seconds)
  elseif kind == 'A' then redis.call('EXPIREAT', key, seconds)
  else redis.call('DEL', key) end
end

-- Returns false if the engine takes no changes now (it is full, its disk fails, or it has too few replicas): then the marks
-- stay as they are, and a read has not failed.
local function mark(bytes)
  local reply = redis.pcall('SETRANGE', key, 3, bytes)
  if type(reply) == 'number' then return true end
  for _, obstacle in ipairs({'OOM', 'MISCONF', 'NOREPLICAS'}) do
    if string.find(reply.err, obstacle) then return false end
  end
  -- Fails again, and ends the script.
  redis.call('SETRANGE', key, 3, bytes)
end
`
