import { showAddress } from '../../check/client/address.js'
import type { Endpoint } from '../../check/client/connection.js'
import type { Client } from '../../client/client.js'
import { ClientCache } from '../shell/cache/client-cache.js'
import { openFollower, type ShellProtocol } from '../shell/cache/open-client.js'
import { toolErrorOf } from '../shell/cache/tool-error.js'
import { type Figures, figuresOf, type Reading, readingOf } from './reading.js'

/** What is known about a server now: its figures, or why there are none. */
export type State = { readonly figures: Figures } | { readonly error: string }

/** A server that is asked again and again, and may be away for a while. */
export class WatchedServer {
  readonly name: string
  state: State = { error: 'no answer yet' }
  private readonly endpoint: Endpoint
  private readonly protocol: ShellProtocol
  private readonly client: Client
  private readonly cache: ClientCache
  private reading: Reading | undefined
  private asking: Promise<void> | undefined
  /** Until the first answer. */
  private hasHotKeys = true

  constructor(endpoint: Endpoint, protocol: ShellProtocol) {
    this.name = showAddress(endpoint.address)
    this.endpoint = endpoint
    this.protocol = protocol
    this.client = openFollower(endpoint, protocol)
    this.cache = new ClientCache(this.client, protocol)
  }

  /** Asks, unless an answer is still to come. Resolves when the state is that of the answer. Never rejects. */
  ask(): Promise<void> {
    this.asking ??= this.update().finally(() => {
      this.asking = undefined
    })
    return this.asking
  }

  close(): Promise<void> {
    return this.client.close()
  }

  private async update(): Promise<void> {
    try {
      const reading = await this.read()
      this.state = { figures: figuresOf(this.reading, reading) }
      this.reading = reading
    } catch (error) {
      const { message } = toolErrorOf(error, this.endpoint, this.protocol) as Error
      this.state = { error: message.replace(`${this.name}: `, '') }
      this.reading = undefined
      this.hasHotKeys = true
    }
  }

  private async read(): Promise<Reading> {
    const statistics = await this.cache.statistics('')
    const atMs = performance.now()
    const hotKeys = this.hasHotKeys ? await this.hotKeys() : undefined
    this.hasHotKeys = hotKeys !== undefined
    return readingOf(statistics ?? [], hotKeys, atMs)
  }

  /** Undefined if the server has none: memcached replies with an error or with nothing. */
  private async hotKeys() {
    const lines = await this.cache.statistics('hotkeys').catch(() => undefined)
    return lines === undefined || lines.length === 0 ? undefined : lines
  }
}
