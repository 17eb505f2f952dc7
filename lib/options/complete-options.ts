import { itemMemoryCount } from './item-memories.js'
import { refusalInProgram, shownInProgram } from './kinds/kind.js'
import { isLoopback, type ListenAddress, readEndpoint, writeAddress } from './kinds/listen-address.js'
import { ADDRESSES } from './kinds/option-kinds.js'
import { MEGABYTE, OPTION_NAMES, OPTIONS, type OptionName, type ServerOptions } from './table/options.js'
import { ITEM_MEMORY_MEGABYTES_MAX } from './table/resource-options.js'

export type GivenOptions = { -readonly [Name in OptionName]?: ServerOptions[Name] }

/** The options of a program; addresses may also be strings as on a command line. */
export interface StartOptions extends Partial<Omit<ServerOptions, 'listen'>> {
  readonly listen?: string | readonly (string | ListenAddress)[]
}

/** Throws a TypeError that names the options unless they are an object: those of a number would be none. */
export function checkIsObject(options: unknown): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`options: ${shownInProgram(options)} is not an object`)
}

/** Options from a program. Throws if the command line would refuse them, with the same words. */
export function completeOptions({ listen, ...others }: StartOptions = {}): ServerOptions {
  const options = { ...others, listen: readTyped(listen) }
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) {
    if (!isOptionName(name)) throw new TypeError(`${name}: there is no such option`)
    const { kind } = OPTIONS[name]
    if (!kind.accepts(value)) throw refusalInProgram(name, value, kind)
  }
  const combined = combineOptions(Object.fromEntries(given), (name) => name)
  if (typeof combined === 'string') throw new RangeError(combined)
  return combined
}

/** A value that is not an address stays unchanged, and is refused like any other value. */
function readTyped(listen: StartOptions['listen']): unknown {
  const entries: unknown = typeof listen === 'string' ? [listen] : listen
  if (!Array.isArray(entries)) return entries
  return entries.flatMap((entry) =>
    typeof entry === 'string' ? (ADDRESSES.read(entry, undefined) ?? [entry]) : [entry],
  )
}

/**
 * Adds the missing options, with memcached's rules about options that depend on each other. Returns a sentence if the
 * options, each of them valid, are incompatible; `nameOf` gives their names for the reader.
 */
export function combineOptions(
  given: GivenOptions,
  nameOf: (name: OptionName) => string,
): ServerOptions | string {
  const options = { ...defaults(), ...given }
  if (given.port === undefined && options.udpPort !== null) options.port = options.udpPort
  if (options.socketPath !== null || options.inheritedSockets.length > 0) {
    options.port = null
    options.udpPort = null
  }
  if (given.detailEnabled === undefined) options.detailEnabled = given.prefixDelimiter !== undefined
  if (given.protocol === undefined && options.loginFile !== null) options.protocol = 'ascii'
  if (given.protocol === undefined && options.saslEnabled) options.protocol = 'binary'
  // The queue of the changes for the engine.
  if (options.gatewayShadow !== null) options.changes ??= SHADOW_CHANGES_LENGTH
  if (options.memoryFile !== null) options.dataDirectory ??= directoryBeside(options.memoryFile)
  if (given.itemSizeMax === undefined)
    options.itemSizeMax = Math.min(options.itemSizeMax, itemSizeAllowed(options))
  return conflictOf(options, nameOf) ?? options
}

/** A sentence about incompatible options. */
function conflictOf(options: ServerOptions, nameOf: (name: OptionName) => string): string | undefined {
  return OPTION_CONFLICTS.map((find) => find(options, nameOf)).find((sentence) => sentence !== undefined)
}

const SHADOW_CHANGES_LENGTH = 16 * MEGABYTE

type OptionConflict = (options: ServerOptions, nameOf: (name: OptionName) => string) => string | undefined

const OPTION_CONFLICTS: readonly OptionConflict[] = [
  // Before the protocol is derived from one of them, because the derived value was not given by the user.
  ({ saslEnabled, loginFile }, nameOf) => {
    if (!saslEnabled || loginFile === null) return undefined
    const [sasl, file] = [nameOf('saslEnabled'), nameOf('loginFile')]
    return `${sasl} and ${file}: a login by SASL needs the binary protocol, one by ${file} the text protocol; give one of them`
  },
  ({ saslEnabled, protocol }, nameOf) => {
    if (!saslEnabled || protocol === 'binary') return undefined
    return `${nameOf('protocol')}: ${protocol} would let text clients past the login that ${nameOf('saslEnabled')} requires; give binary`
  },
  ({ loginFile, protocol }, nameOf) => {
    if (loginFile === null || protocol === 'ascii') return undefined
    return `${nameOf('protocol')}: ${protocol} would let binary clients past the login that ${nameOf('loginFile')} requires; give ascii`
  },
  ({ saslEnabled, loginFile, udpPort }, nameOf) => {
    if (udpPort === null || !(saslEnabled || loginFile !== null)) return undefined
    const login = nameOf(saslEnabled ? 'saslEnabled' : 'loginFile')
    return `${nameOf('udpPort')}: UDP has no connections that could log in, as ${login} requires; leave one of them out`
  },
  ({ sslEnabled, sslChainCert }, nameOf) => {
    if (!sslEnabled || sslChainCert !== null) return undefined
    return `${nameOf('sslEnabled')}: TLS needs a certificate; give ${nameOf('sslChainCert')}`
  },
  ({ sslEnabled, listen }, nameOf) => {
    const address = listen.find(({ tls }) => tls !== undefined)
    if (sslEnabled || address === undefined) return undefined
    return `${nameOf('listen')}: ${writeAddress(address)} means something only with TLS; give ${nameOf('sslEnabled')}`
  },
  ({ memoryFile, dataDirectory }, nameOf) => {
    if (memoryFile === null || dataDirectory === directoryBeside(memoryFile)) return undefined
    return `${nameOf('memoryFile')}: items are kept by ${nameOf('dataDirectory')} already; give one of them`
  },
  // A user who sets how items are kept would rely on them being kept.
  (options, nameOf) => {
    const names = ['fsync', 'snapshotInterval', 'snapshotOnly'] as const
    const name = names.find((each) => options[each] !== OPTIONS[each].default)
    if (options.dataDirectory !== null || name === undefined) return undefined
    return `${nameOf(name)}: nothing is kept without ${nameOf('dataDirectory')}; give that, too`
  },
  ({ snapshotOnly, fsync }, nameOf) => {
    if (!snapshotOnly || fsync === OPTIONS.fsync.default) return undefined
    return `${nameOf('fsync')}: ${fsync} says when the journal is synced, and with ${nameOf('snapshotOnly')} there is none`
  },
  (options, nameOf) => {
    const { changes, memoryMegabytes } = options
    const megabytes = Math.ceil((changes ?? 0) / MEGABYTE)
    if (changes === null || itemMemoryCount(options) > 1) return undefined
    if (memoryMegabytes + megabytes <= ITEM_MEMORY_MEGABYTES_MAX) return undefined
    return `${nameOf('changes')}: with ${nameOf('memoryMegabytes')} it is more than ${ITEM_MEMORY_MEGABYTES_MAX} MB; lower one of them`
  },
  ({ gateway, gatewayShadow }, nameOf) => {
    if (gateway === null || gatewayShadow === null) return undefined
    return `${nameOf('gatewayShadow')}: the items live on the engine of ${nameOf('gateway')}; give one of them`
  },
  // Items are not in this process: it can neither keep them nor record their changes.
  ({ gateway, dataDirectory, memoryFile, changes, udpPort }, nameOf) => {
    if (gateway === null) return undefined
    if (memoryFile !== null)
      return `${nameOf('memoryFile')}: the items live on the engine of ${nameOf('gateway')}`
    if (dataDirectory !== null)
      return `${nameOf('dataDirectory')}: the items live on the engine of ${nameOf('gateway')}`
    if (changes !== null)
      return `${nameOf('changes')}: changes on the engine of ${nameOf('gateway')} cannot be recorded`
    if (udpPort !== null) return `${nameOf('udpPort')}: ${nameOf('gateway')} does not serve datagrams`
    return undefined
  },
  (options, nameOf) => {
    const forBoth = ['gatewayPrefix', 'gatewayTimeout'] as const
    const forGateway = ['gatewayWait', 'gatewayAck', 'gatewayReads', 'gatewayJoin'] as const
    const names = options.gatewayShadow === null ? [...forBoth, ...forGateway] : forGateway
    const name = names.find((each) => options[each] !== OPTIONS[each].default)
    if (options.gateway !== null || name === undefined) return undefined
    return `${nameOf(name)}: it means something only with ${nameOf('gateway')}; give that, too`
  },
  ({ admin, adminTokenFile, adminWrite }, nameOf) => {
    if (admin !== null || (adminTokenFile === null && !adminWrite)) return undefined
    const name = nameOf(adminWrite ? 'adminWrite' : 'adminTokenFile')
    return `${name}: there is no listener for it without ${nameOf('admin')}; give that, too`
  },
  ({ admin, adminTokenFile }, nameOf) => {
    if (admin === null || adminTokenFile !== null || isLoopback(readEndpoint(admin)!.host)) return undefined
    return `${nameOf('admin')}: other machines can connect to ${admin}; give ${nameOf('adminTokenFile')}, or a loopback address`
  },
  ({ adminWrite, adminTokenFile }, nameOf) => {
    if (!adminWrite || adminTokenFile !== null) return undefined
    return `${nameOf('adminWrite')}: changes need a token; give ${nameOf('adminTokenFile')}`
  },
  // Otherwise items could be read without the login.
  ({ admin, adminTokenFile, saslEnabled, loginFile }, nameOf) => {
    if (admin === null || adminTokenFile !== null || !(saslEnabled || loginFile !== null)) return undefined
    const login = nameOf(saslEnabled ? 'saslEnabled' : 'loginFile')
    return `${nameOf('admin')}: it would let clients past the login that ${login} requires; give ${nameOf('adminTokenFile')}`
  },
  (options, nameOf) => {
    const { itemSizeMax, memoryMegabytes } = options
    if (itemSizeMax <= itemSizeAllowed(options)) return undefined
    const [largest, memory] = [nameOf('itemSizeMax'), nameOf('memoryMegabytes')]
    const written = OPTIONS.itemSizeMax.kind.write(itemSizeMax)
    const each = itemMemoryCount(options) === 1 ? '' : `, in ${itemMemoryCount(options)} memories`
    return `${largest}: ${written} is more than half of the ${memoryMegabytes} MB of ${memory}${each}; lower ${largest} or raise ${memory}`
  },
  ({ itemMemories, memoryMegabytes }, nameOf) => {
    if (itemMemories === null) return undefined
    const each = memoryMegabytes / itemMemories
    if (each >= 1 && each <= ITEM_MEMORY_MEGABYTES_MAX) return undefined
    return `${nameOf('itemMemories')}: each would have ${each.toFixed(1)} of the ${memoryMegabytes} MB of ${nameOf('memoryMegabytes')}; give each 1 to ${ITEM_MEMORY_MEGABYTES_MAX} MB`
  },
]

/** As in memcached, an item may take half of the memory: of its own, if there are several. */
const itemSizeAllowed = (options: ServerOptions): number =>
  Math.floor((options.memoryMegabytes * MEGABYTE) / itemMemoryCount(options) / 2)

/** The data directory for memcached's own option. */
const directoryBeside = (memoryFile: string): string => `${memoryFile}.data`

function defaults(): Required<GivenOptions> {
  const rows = OPTION_NAMES.map((name) => [name, OPTIONS[name].default])
  // The type of the table ensures that each row's default is one of its field.
  return Object.fromEntries(rows) as Required<GivenOptions>
}

function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name)
}
