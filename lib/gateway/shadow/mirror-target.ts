import type { Status } from '../../request/status.js'
import { keySlot } from '../engines/key-slot.js'
import { Effect } from '../engines/node-command.js'
import type { Router } from '../engines/router.js'
import { itemBytes } from '../items/item-format.js'
import { scanKeys } from '../keys/scan.js'

/** The engine has not done what it was asked. */
export class EngineFailure extends Error {
  readonly status: Status

  constructor(status: Status) {
    super(`the engine has failed (${status})`)
    this.status = status
  }
}

/** An item as the engine is to have it. */
export interface MirroredItem {
  readonly flags: number
  readonly cas: bigint
  readonly value: Buffer
}

/** What the engine has under a key: the bytes of its item, and the milliseconds that are left; -1: it never expires. */
export interface EngineItem {
  readonly bytes: Buffer | undefined
  readonly leftMs: number
}

/**
 * Makes the engine have what the store has. Every command may be repeated: the outcome is the same. So no script is needed: the
 * cas is that of the store, and nobody else writes.
 */
export class MirrorTarget {
  private readonly router: Router
  private readonly prefix: Buffer

  constructor(router: Router, prefix: Buffer) {
    this.router = router
    this.prefix = prefix
  }

  /** `leftMs` undefined: it never expires. */
  async set(key: Buffer, { flags, cas, value }: MirroredItem, leftMs: number | undefined): Promise<void> {
    const bytes = itemBytes({ flags, cas, accessTime: Math.floor(Date.now() / 1000), value })
    const expiry = leftMs === undefined ? [] : ['px', String(leftMs)]
    await this.send(key, 'set', bytes, ...expiry)
  }

  async remove(key: Buffer): Promise<void> {
    await this.send(key, 'unlink')
  }

  async expire(key: Buffer, leftMs: number | undefined): Promise<void> {
    if (leftMs === undefined) await this.send(key, 'persist')
    else await this.send(key, 'pexpire', String(leftMs))
  }

  /** Removes all items whose keys begin so. */
  async flush(keyPrefix: Buffer): Promise<void> {
    const { primaries } = this.router.topology
    const prefix = this.engineKey(keyPrefix)
    await Promise.all(
      primaries.map(async (node) => {
        for await (const keys of scanKeys(node, prefix, PORTION))
          await Promise.all(keys.map((key) => this.sendFor(key, 'unlink')))
      }),
    )
  }

  async read(key: Buffer): Promise<EngineItem> {
    const [bytes, leftMs] = await Promise.all([this.send(key, 'get'), this.send(key, 'pttl')])
    return { bytes: Buffer.isBuffer(bytes) ? bytes : undefined, leftMs: Number(leftMs) }
  }

  private send(key: Buffer, name: string, ...words: (string | Buffer)[]): Promise<unknown> {
    return this.sendFor(this.engineKey(key), name, ...words)
  }

  private sendFor(engineKey: Buffer, name: string, ...words: (string | Buffer)[]): Promise<unknown> {
    const effect = name === 'get' || name === 'pttl' ? Effect.READ : Effect.REPEATABLE
    return new Promise((resolve, reject) => {
      this.router.send(
        { slot: keySlot(engineKey), effect, words: [name, engineKey, ...words] },
        { replied: resolve, failed: (status) => reject(new EngineFailure(status)) },
      )
    })
  }

  private engineKey(key: Buffer): Buffer {
    return Buffer.concat([this.prefix, key])
  }
}

const PORTION = 500
