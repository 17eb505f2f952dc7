import { refusalOf } from './option-kinds.js'
import { MEGABYTE, OPTION_NAMES, OPTIONS, type OptionName, type ServerOptions } from './options.js'

export type GivenOptions = { -readonly [Name in OptionName]?: ServerOptions[Name] }

/** Options from a program. Throws where the command line would refuse, and with the same words. */
export function completeOptions(options: Partial<ServerOptions> = {}): ServerOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) {
    if (!isOptionName(name)) throw new TypeError(`${name}: there is no such option`)
    const { kind } = OPTIONS[name]
    if (kind.accepts(value)) continue
    const Refusal = typeof value === kind.type ? RangeError : TypeError
    throw new Refusal(refusalOf(name, value, kind))
  }
  const combined = combineOptions(Object.fromEntries(given), (name) => name)
  if (typeof combined === 'string') throw new RangeError(combined)
  return combined
}

/**
 * Adds what was not given, with memcached's rules about options that touch each other. Answers a sentence when the
 * options, each of them good, do not go together; `nameOf` says how the reader knows them.
 */
export function combineOptions(
  given: GivenOptions,
  nameOf: (name: OptionName) => string,
): ServerOptions | string {
  const options = { ...defaults(), ...given }
  if (given.port === undefined && options.udpPort !== null) options.port = options.udpPort
  if (options.socketPath !== null) {
    options.port = null
    options.udpPort = null
  }
  if (given.detailEnabled === undefined) options.detailEnabled = given.prefixDelimiter !== undefined
  if (given.protocol === undefined && options.saslEnabled) options.protocol = 'binary'

  const refusal = combineData(given, options, nameOf)
  if (refusal !== undefined) return refusal

  const { protocol, itemSizeMax, memoryMegabytes } = options
  if (options.saslEnabled && protocol !== 'binary') {
    const login = nameOf('saslEnabled')
    return `${nameOf('protocol')}: ${protocol} would let text clients past the login that ${login} asks for; give binary`
  }
  if (itemSizeMax > (memoryMegabytes * MEGABYTE) / 2) {
    const [largest, memory] = [nameOf('itemSizeMax'), nameOf('memoryMegabytes')]
    const written = OPTIONS.itemSizeMax.kind.write(itemSizeMax)
    return `${largest}: ${written} is more than half of the ${memoryMegabytes} MB of ${memory}; lower ${largest} or raise ${memory}`
  }
  return options
}

/** Where items are kept. What would mean nothing is refused: who asks for it believes that items are kept. */
function combineData(
  given: GivenOptions,
  options: Required<GivenOptions>,
  nameOf: (name: OptionName) => string,
): string | undefined {
  const { memoryFile, dataDirectory, snapshotOnly, fsync } = options
  const directory = nameOf('dataDirectory')
  if (memoryFile !== null) {
    if (dataDirectory !== null && dataDirectory !== `${memoryFile}.data`)
      return `${nameOf('memoryFile')}: items are kept by ${directory} already; give one of them`
    options.dataDirectory = `${memoryFile}.data`
    return undefined
  }
  for (const name of ['fsync', 'snapshotInterval', 'snapshotOnly'] as const) {
    const isGiven = given[name] !== undefined && given[name] !== OPTIONS[name].default
    if (dataDirectory === null && isGiven)
      return `${nameOf(name)}: nothing is kept without ${directory}; give that, too`
  }
  if (snapshotOnly && fsync !== OPTIONS.fsync.default) {
    return `${nameOf('fsync')}: ${fsync} says when the journal is synced, and with ${nameOf('snapshotOnly')} there is none`
  }
  return undefined
}

function defaults(): Required<GivenOptions> {
  const rows = OPTION_NAMES.map((name) => [name, OPTIONS[name].default])
  // The type of the table has seen to it that each row's default is one of its field.
  return Object.fromEntries(rows) as Required<GivenOptions>
}

function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name)
}
