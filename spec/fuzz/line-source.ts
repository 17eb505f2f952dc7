import type { Random } from '../support/random.js'

/** What one peer sends in text and meta: valid lines, and some that are not. */
export function randomLines(random: Random): Buffer {
  const isSound = random.chance(SOUND_SHARE)
  const lines: Buffer[] = []
  for (let count = 1 + random.below(MAX_COUNT); count > 0; count--) {
    const line = Buffer.from(goodLine(random, isSound), 'latin1')
    lines.push(isSound || random.chance(0.7) ? line : spoiled(random, line))
  }
  return Buffer.concat(lines)
}

const MAX_COUNT = 60
const SOUND_SHARE = 0.3

const KEYS = ['a', 'b', 'cc', 'Zm9v', 'k'.repeat(250), 'k'.repeat(251), '#']
const VERBS = ['set', 'add', 'replace', 'append', 'prepend', 'cas']
const NUMBERS = ['0', '1', '5', '100', '-1', '99999', '2592001', '4294967295', '18446744073709551615', 'x']
const WORDS = [
  ...[
    'flush_all',
    'flush_all 0',
    'flush_prefix',
    'flush_prefix c',
    'flush_prefix Zm noreply',
    'version',
    'verbosity 0',
    'stats',
    'stats settings',
    'stats items',
    'stats slabs',
    'stats sizes',
    'stats detail dump',
    'stats detail on',
    'stats reset',
  ],
  ...[
    'lru_crawler metadump all',
    'lru_crawler mgdump hash',
    'lru_crawler enable',
    'stats cachedump 1 10',
    'cache_memlimit 64',
  ],
  ...[
    'lru tune 1 2 3 4',
    'slabs automove 1',
    'mn',
    'me a',
    '',
    ' ',
    'nonsense',
    'shutdown',
    'refresh_certs',
    'debugtime 0',
  ],
]
const FLAGS =
  'b c f h k q s t u v x I C1 C0 D5 E7 F9 J3 ME MA MP MR MS MD MI M+ M- MX N0 N30 Oab R9 T50 T0 L1 P1 y'.split(
    ' ',
  )

function goodLine(random: Random, isSound: boolean): string {
  const key = random.pick(KEYS)
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2: {
      const value = randomValue(random)
      const verb = random.pick(VERBS)
      const noreply = random.chance(0.2) ? ' noreply' : ''
      const cas = verb === 'cas' ? ` ${random.pick(NUMBERS)}` : ''
      return `${verb} ${key} ${random.pick(NUMBERS)} ${random.pick(NUMBERS)} ${value.length}${cas}${noreply}\r\n${value}\r\n`
    }
    case 3:
      return `${random.pick(['get', 'gets', 'gat 50', 'gats 0'])} ${key} ${random.pick(KEYS)}\r\n`
    case 4:
      // Whether a line without its verb closes the connection depends on the cut: sent only if no reply before it can
      // be lost.
      return isSound ? `get ${`${key} `.repeat(random.pick([10, 3000]))}\r\n` : `get ${key}\r\n`
    case 5:
      return `${random.pick(['incr', 'decr', 'touch'])} ${key} ${random.pick(NUMBERS)}\r\n`
    case 6:
      return `delete ${key}\r\n`
    case 7:
      return `${random.pick(WORDS)}\r\n`
    case 8: {
      const value = randomValue(random)
      return `ms ${key} ${value.length}${randomFlags(random)}\r\n${value}\r\n`
    }
    default:
      return `${random.pick(['mg', 'md', 'ma'])} ${key}${randomFlags(random)}\r\n`
  }
}

function randomFlags(random: Random): string {
  let flags = ''
  for (let count = random.below(6); count > 0; count--) flags += ` ${random.pick(FLAGS)}`
  return flags
}

/** A long value has many line feeds in it, so that read as lines it is not a line that is too long. */
function randomValue(random: Random): string {
  const length = random.pick([0, 1, 2, 5, 100, 100, 16_370, 16_384, 40_000])
  return random.chance(0.3)
    ? '12'.slice(0, length)
    : `${'v'.repeat(98)}\r\n`.repeat(length / 100 + 1).slice(0, length)
}

/** Some bytes changed, left out, doubled or inserted; now and then the line's end too. */
function spoiled(random: Random, line: Buffer): Buffer {
  const at = random.below(line.length)
  switch (random.below(5)) {
    case 0: {
      const changed = Buffer.from(line)
      changed[at] = random.pick([0, 0x0a, 0x0d, 0x20, 0x30, 0x39, 0x61, 0x7f, 0xff])
      return changed
    }
    case 1:
      return Buffer.concat([line.subarray(0, at), line.subarray(at + 1 + random.below(3))])
    case 2:
      return Buffer.concat([
        line.subarray(0, at),
        Buffer.from(random.pick([' ', '\r\n', '\n', '9', 'x', '\0'])),
        line.subarray(at),
      ])
    case 3:
      return line.subarray(0, at)
    default:
      return Buffer.concat([line, line.subarray(at)])
  }
}
