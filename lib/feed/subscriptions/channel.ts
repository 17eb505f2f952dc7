import type { ChangeEncoder } from '../forms/change-encoder.js'
import { EventBuffer } from '../forms/event-buffer.js'
import type { ChangeKind } from '../history/change-record.js'
import type { Subscription } from './subscription.js'

/** The subscriptions that follow and want the same bytes: these are written once. */
export class Channel {
  readonly name: string
  readonly prefix: string
  readonly members = new Set<Subscription>()
  /** What its members are told next. */
  readonly buffer = new EventBuffer()
  readonly encoder: ChangeEncoder
  private readonly kinds: number

  constructor(name: string, { prefix, kinds }: Subscription, encoder: ChangeEncoder) {
    this.name = name
    this.prefix = prefix
    this.kinds = kinds
    this.encoder = encoder
  }

  wants(kind: ChangeKind): boolean {
    return (this.kinds & (1 << kind)) !== 0
  }
}
