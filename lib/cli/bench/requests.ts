import { expiryOf } from '../../client/ttl.js'
import type { RequestMessage } from '../../protocol/client/request-message.js'
import { Command } from '../../request/command.js'
import type { LoadPlan } from './load-plan.js'
import type { Random } from './random.js'
import { Zipf } from './zipf.js'

/** Writes one request after the other. */
export interface Requests {
  /** From 0 to 1. */
  readonly getShare: number
  write(request: RequestMessage): void
}

/** Values of the plan's lengths: some fixed ones, so that a request needs no bytes of its own. */
export function valuesOf({ lengthMin, lengthMax }: LoadPlan): readonly Uint8Array[] {
  const bytes = Buffer.alloc(lengthMax, 'keepcached bench ')
  const count = Math.min(VALUE_COUNT_MAX, lengthMax - lengthMin + 1)
  const step = count === 1 ? 0 : (lengthMax - lengthMin) / (count - 1)
  return Array.from({ length: count }, (_, index) => bytes.subarray(0, Math.round(lengthMin + index * step)))
}

/** Gets and sets of random keys. */
export class MixedRequests implements Requests {
  readonly getShare: number
  private readonly plan: LoadPlan
  private readonly random: Random
  private readonly values: readonly Uint8Array[]
  private readonly zipf: Zipf | undefined

  constructor(plan: LoadPlan, random: Random) {
    const { keyCount, zipfExponent, getShare } = plan
    this.getShare = getShare
    this.plan = plan
    this.random = random
    this.values = valuesOf(plan)
    this.zipf = zipfExponent === undefined ? undefined : new Zipf(keyCount, zipfExponent)
  }

  write(request: RequestMessage): void {
    const { plan, random, zipf } = this
    const index = zipf === undefined ? Math.floor(random.next() * plan.keyCount) : zipf.draw(random) - 1
    request.key = plan.prefix + index
    if (random.next() < this.getShare) writeGet(request)
    else writeSet(request, plan, this.values[Math.floor(random.next() * this.values.length)]!)
  }
}

/** Stores each key once. */
export class FillRequests implements Requests {
  readonly getShare = 0
  private readonly plan: LoadPlan
  private readonly values: readonly Uint8Array[]
  private index = 0

  constructor(plan: LoadPlan) {
    this.plan = plan
    this.values = valuesOf(plan)
  }

  write(request: RequestMessage): void {
    request.key = this.plan.prefix + this.index
    writeSet(request, this.plan, this.values[this.index % this.values.length]!)
    this.index++
  }
}

function writeGet(request: RequestMessage): void {
  request.command = Command.GET
  request.value = NO_BYTES
}

function writeSet(request: RequestMessage, { ttlSeconds }: LoadPlan, value: Uint8Array): void {
  request.command = Command.SET
  request.value = value
  // Beyond 30 days the wire has absolute times.
  request.expiry = expiryOf(ttlSeconds)
}

const VALUE_COUNT_MAX = 64
const NO_BYTES = new Uint8Array(0)
