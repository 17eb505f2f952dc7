import { Trait } from '../../lib/request/trait.js'
import type { KeyModel } from './key-model.js'
import type { Operation } from './outcome.js'
import type { SimulatedWorker } from './simulated-worker.js'

/** Offsets of a key and its value from the start of a worker's scratch memory. */
const VALUE_OFFSET = 512

/** Puts an operation into the request of a worker. */
export function prepareRequest(worker: SimulatedWorker, key: KeyModel, operation: Operation): void {
  const { request, arena, scratch } = worker
  const { command, value, cas, delta, initial } = operation
  const valueStart = scratch + VALUE_OFFSET
  arena.bytes.set(key.key, scratch)
  arena.bytes.set(value, valueStart)
  request.command = command
  request.staged = undefined
  request.traits = cas === 0 ? 0 : Trait.NAMES_CAS
  request.casHigh = Math.floor(cas / 0x1_0000_0000) | 0
  request.casLow = cas | 0
  request.clientFlags = operation.clientFlags
  request.expiry = operation.expiry
  request.keyStart = scratch
  request.keyEnd = scratch + key.key.length
  request.valueStart = valueStart
  request.valueEnd = valueStart + value.length
  request.deltaHigh = Number(delta >> 32n) | 0
  request.deltaLow = Number(delta & 0xffff_ffffn) | 0
  request.initialHigh = 0
  request.initialLow = Number(initial ?? 0n)
  request.createsCounter = initial !== undefined
}
