import { ClientError } from '../client-error.js'
import { isUnsigned } from '../commands/arguments.js'
import type { Key } from '../commands/command-options.js'
import type { CommandSettings } from '../commands/command-settings.js'
import { isTraced, traced } from '../commands/tracing.js'
import type { ConnectionOptions } from '../connection/connection-options.js'
import { EncodedKey, hasBlank } from '../keys/key-encoder.js'
import { callOptionNames, checkCallOptions } from '../option-names.js'
import { ChangesLoop, type ChangesServers } from './changes-loop.js'
import type { ChangesOptions, ClientChange } from './client-change.js'
import { KeyWaits, type WaitOptions, type WaitOutcome } from './key-waits.js'
import { WaitCall } from './wait-call.js'

/** What the changes need of a client. */
export interface FeedsParts {
  readonly settings: CommandSettings
  readonly prefix: string
  readonly servers: ChangesServers
  /** How to connect to the server that has a key. */
  connectionOptionsOf(key: EncodedKey['key']): ConnectionOptions
}

/** The loops over changes of a client, and those who wait for a key. They have connections of their own. */
export class Feeds {
  private readonly parts: FeedsParts
  private readonly loops = new Set<{ close(): Promise<void> }>()
  private readonly waits = new KeyWaits()
  private isClosed = false

  constructor(parts: FeedsParts) {
    this.parts = parts
  }

  /** Throws BAD_OPTION. */
  changes<Value>(options: ChangesOptions): AsyncIterableIterator<ClientChange<Value>> {
    const { servers, prefix, settings } = this.parts
    const loop = new ChangesLoop<Value>(options, servers, { prefix, format: settings.format })
    if (this.isClosed) void loop.close()
    else {
      this.loops.add(loop)
      loop.onEnd = () => this.loops.delete(loop)
    }
    return loop
  }

  async waitFor<Value>(key: Key, options: WaitOptions): Promise<WaitOutcome<Value>> {
    checkCallOptions(options, WAIT_OPTIONS)
    const { after = 0n, timeout: timeoutMs = TIMEOUT_MS, signal } = options
    if (!isUnsigned(after)) throw new ClientError('BAD_VALUE', `after: from \`gets\`, not ${String(after)}`)
    if (!(typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= TIMEOUT_MS_MAX))
      throw new ClientError('BAD_OPTION', `timeout: from 1 to ${TIMEOUT_MS_MAX} ms, not ${timeoutMs}`)
    const { parts } = this
    await parts.servers.whenReady(signal)
    if (this.isClosed) throw closed()
    const encoded = new EncodedKey()
    parts.settings.keys.encode(key, encoded)
    if (needsBase64(encoded.key)) encoded.isBase64 = true
    const connectionOptions = parts.connectionOptionsOf(encoded.key)
    // Our own timer is the one that is exact.
    const seconds = Math.ceil(timeoutMs / 1000) + 1
    const call = new WaitCall<Value>(encoded, after, seconds, parts.settings.format)
    const promise = this.waits.run(call, { connectionOptions, timeoutMs, signal })
    if (!isTraced()) return promise
    return traced(promise, { name: 'waitFor', server: connectionOptions.name, keys: [key] })
  }

  async close(): Promise<void> {
    this.isClosed = true
    await Promise.all([this.waits.close(closed()), ...[...this.loops].map((loop) => loop.close())])
  }
}

const closed = (): ClientError => new ClientError('CLOSED', 'the client is closed')

/** Binary allows blanks in keys, meta only in base64. */
const needsBase64 = (key: EncodedKey['key']): boolean => hasBlank(Buffer.from(key as string))

const WAIT_OPTIONS = callOptionNames<WaitOptions>({ timeout: true, signal: true, after: true })
const TIMEOUT_MS = 30_000
/** Servers wait no longer than this. */
const TIMEOUT_MS_MAX = 3_600_000
