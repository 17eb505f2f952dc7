import type { Context } from '../commands/context/context.js'
import { RELATIVE_EXPIRY_MAX_SECONDS } from '../request/limits.js'
import { keySlot } from './engines/key-slot.js'
import { Effect } from './engines/node-command.js'
import type { EngineCommand, ReplyListener, Router } from './engines/router.js'
import type { JoinedGets } from './joined-gets.js'
import type { PlacedValue } from './placed-value.js'
import type { Script } from './scripts/script.js'

interface GatewayPartsNeeds {
  readonly context: Context
  readonly router: Router
  readonly prefix: Buffer
  /** Undefined if gets are not joined. */
  readonly gets: JoinedGets | undefined
  readonly values: PlacedValue
  /** The engine takes no longer values. */
  readonly valueLengthMax: number
  /** Tells the operator. */
  readonly report: (text: string) => void
}

/** What the handlers of a gateway use. */
export class GatewayParts {
  readonly context: Context
  readonly router: Router
  readonly prefix: Buffer
  readonly gets: JoinedGets | undefined
  readonly values: PlacedValue
  readonly valueLengthMax: number
  readonly report: (text: string) => void

  constructor({ context, router, prefix, gets, values, valueLengthMax, report }: GatewayPartsNeeds) {
    this.context = context
    this.router = router
    this.prefix = prefix
    this.gets = gets
    this.values = values
    this.valueLengthMax = valueLengthMax
    this.report = report
  }

  /** The name of a key on the engine. */
  engineKey(key: Buffer): Buffer {
    return this.prefix.length === 0 ? key : Buffer.concat([this.prefix, key])
  }

  /** The node that has the key does not reply now. */
  isHeldUp(key: Buffer, isChange: boolean): boolean {
    return this.router.isHeldUp(keySlot(this.engineKey(key)), isChange ? Effect.ONCE : Effect.READ)
  }

  /** A command that reads a key, maybe from a replica. The key is the first word after its name. */
  reading(name: string, key: Buffer): EngineCommand {
    const engineKey = this.engineKey(key)
    return { slot: keySlot(engineKey), effect: Effect.READ, mayBeStale: true, words: [name, engineKey] }
  }

  /** The same for one that changes it. */
  changing(name: string, key: Buffer): EngineCommand {
    const engineKey = this.engineKey(key)
    return { slot: keySlot(engineKey), effect: Effect.ONCE, words: [name, engineKey] }
  }

  run(script: Script, key: Buffer, words: readonly (string | Buffer)[], listener: ReplyListener): void {
    const engineKey = this.engineKey(key)
    const slot = keySlot(engineKey)
    const { hash, isRead } = script
    const effect = isRead ? Effect.READ : Effect.ONCE
    this.router.send({ slot, effect, script, words: ['evalsha', hash, '1', engineKey, ...words] }, listener)
  }

  /** An expiry as the scripts read it. */
  expiryText(expiry: number): string {
    if (expiry === 0) return 'N'
    if (expiry < 0) return 'D'
    if (expiry <= RELATIVE_EXPIRY_MAX_SECONDS) return `R${expiry}`
    return expiry <= this.context.store.clock.now ? 'D' : `A${expiry}`
  }
}
