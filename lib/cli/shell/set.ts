import { EXPIRY_BOUNDS, unsigned64 } from '../arguments/numbers.js'
import { numberIn, type ParsedArguments } from '../arguments/parsed-arguments.js'
import { Refusal } from '../arguments/refusal.js'
import type { Io, Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import type { StoreMode } from './cache/cache.js'
import { withCache } from './cache/open-cache.js'
import { jsonLine } from './json-line.js'

export const set: Run = async (given, io) => {
  const [key = '', text] = given.operands
  const mode = modeOf(given)
  const terms = {
    flags: given.number('flags', 0, [0, 0xffff_ffff]),
    expiry: numberIn('--expiry', given.text('expiry') ?? '0', EXPIRY_BOUNDS),
    cas: unsigned64('--cas', given.text('cas') ?? '0'),
  }
  const value = text === undefined || text === '-' ? await wholeInput(io) : Buffer.from(text)
  return withCache(given, io, undefined, async (cache) => {
    const stored = await cache.store(mode, key, value, terms)
    if (given.has('json')) await io.write(jsonLine({ key, stored }))
    return stored ? ExitCode.OK : ExitCode.NO
  })
}

const MODES = ['add', 'replace', 'append', 'prepend'] as const

function modeOf(given: ParsedArguments): StoreMode {
  const [mode = 'set', another] = MODES.filter((name) => given.has(name))
  if (another !== undefined)
    throw new Refusal(ExitCode.USAGE, `set: --${mode} and --${another} exclude each other`)
  return mode
}

/** The largest item size that memcached can be set to. */
const VALUE_LENGTH_MAX = 1024 * 1024 * 1024

async function wholeInput(io: Io): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of io.input) {
    chunks.push(chunk)
    length += chunk.length
    if (length > VALUE_LENGTH_MAX)
      throw new Refusal(ExitCode.USAGE, 'set: no server takes a value of a gigabyte')
  }
  return Buffer.concat(chunks)
}
