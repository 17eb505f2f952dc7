import type { Endpoint } from '../../check/client/connection.js'
import { ChangeCall } from '../../client/calls/change-call.js'
import type { Client } from '../../client/client.js'
import { ClientError, type ClientErrorCode } from '../../client/client-error.js'
import { executed } from '../../client/commands/executor.js'
import { hasBlank } from '../../client/keys/key-encoder.js'
import { Command } from '../../request/command.js'
import { KEY_LENGTH_MAX } from '../../request/limits.js'
import { openClient } from '../shell/cache/open-client.js'
import { toolErrorOf } from '../shell/cache/tool-error.js'
import { type CopiedItem, expiryOf } from './copied-item.js'
import { BinaryReadCall, type Parts, ReadCall, StoreCall } from './item-calls.js'
import { KeyError, type Over, type Source, type Target } from './source-and-target.js'

/** One of the two servers of a copy. A lost connection is made again. */
export class Side implements Source, Target {
  readonly endpoint: Endpoint
  private readonly protocol: 'meta' | 'binary'
  private readonly client: Client

  constructor(endpoint: Endpoint, protocol: 'meta' | 'binary') {
    this.endpoint = endpoint
    this.protocol = protocol
    this.client = openClient(endpoint, protocol)
  }

  /** Connects and logs in, so that a wrong address or password is one error. */
  async probe(): Promise<void> {
    try {
      await this.client.version()
    } catch (error) {
      throw toolErrorOf(error, this.endpoint, this.protocol)
    }
  }

  /** Over the binary protocol, always the whole item. */
  read(key: Buffer, parts: Parts): Promise<CopiedItem | undefined> {
    return this.ask(() => {
      const call = this.protocol === 'binary' ? new BinaryReadCall() : new ReadCall(parts)
      return executed(this.target, this.withKey(call, key), undefined)
    })
  }

  async store(key: Buffer, item: CopiedItem, over: Over): Promise<bigint | 'kept' | 'expired'> {
    const expiry = expiryOf(item, performance.now(), Date.now())
    if (expiry === undefined) return 'expired'
    let sentCount = 0
    const cas = await this.ask(() => {
      sentCount++
      const call = this.withKey(new StoreCall(), key)
      call.command = over === 'none' ? Command.ADD : Command.SET
      call.cas = typeof over === 'bigint' ? over : 0n
      call.value = item.value
      call.clientFlags = item.flags
      call.expiry = expiry
      return executed(this.target, call, undefined)
    })
    return cas ?? (sentCount > 1 ? this.ownCas(key, item) : 'kept')
  }

  /** The reply to an earlier attempt was lost: the item that is in the way may be the one that it stored. */
  private async ownCas(key: Buffer, { value, flags }: CopiedItem): Promise<bigint | 'kept'> {
    const found = await this.read(key, 'item')
    return found?.flags === flags && found.value.equals(value) ? found.cas : 'kept'
  }

  async remove(key: Buffer, cas: bigint): Promise<void> {
    await this.ask(() => {
      const call = this.withKey(new ChangeCall(), key)
      call.command = Command.DELETE
      call.cas = cas
      return executed(this.target, call, undefined)
    })
  }

  close(): Promise<void> {
    return this.client.close()
  }

  private get target() {
    return this.client.executor.targets()[0]!
  }

  private withKey<Sent extends ReadCall | StoreCall | ChangeCall>(call: Sent, key: Buffer): Sent {
    call.key = key
    call.isBase64Key = this.protocol === 'meta' && hasBlank(key)
    const length = call.isBase64Key ? Math.ceil(key.length / 3) * 4 : key.length
    if (length > KEY_LENGTH_MAX) throw new KeyError('the meta protocol cannot express so long a binary key')
    return call
  }

  /** Sends again what was lost with its connection. A second store changes nothing that the first one has not. */
  private async ask<Result>(send: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await send()
      } catch (error) {
        if (!(error instanceof ClientError)) throw error
        if (OF_THE_KEY.has(error.code)) throw new KeyError(error.message, { cause: error })
        if (attempt === ATTEMPTS_MAX || !OF_THE_CONNECTION.has(error.code))
          throw toolErrorOf(error, this.endpoint, this.protocol)
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** attempt))
      }
    }
  }
}

const OF_THE_KEY: ReadonlySet<ClientErrorCode> = new Set(['TOO_LARGE', 'SERVER', 'BAD_REQUEST', 'BAD_KEY'])
const OF_THE_CONNECTION: ReadonlySet<ClientErrorCode> = new Set(['CONNECTION', 'UNREACHABLE', 'TIMEOUT'])
/** Together about three seconds: a server may restart. */
const ATTEMPTS_MAX = 6
const PAUSE_MS = 50
