import { readSync } from 'node:fs'
import { READ_LENGTH } from '../../../request/limits.js'
import { check, withSocketPair } from './check-system-calls.js'
import { EAGAIN, ECANCELED } from './layout.js'
import type { RingUser } from './ring.js'
import type { RingMemory } from './ring-memory.js'
import type { SystemCalls } from './system-calls.js'
import type { Uring } from './uring.js'

/** Makes each kind of request on a pair of sockets. Throws if an answer is wrong. */
export function checkUring(system: SystemCalls, ring: Uring): void {
  withSocketPair(system, (one, other) => {
    const user = new Probe(one, ring.memory)
    const slot = ring.enter(user)
    checkReceiving(ring, slot, user, other)
    checkSending(ring, slot, user, other)
    ring.leave(slot)
  })
  withSocketPair(system, (one, other, closeOther) => {
    const user = new Probe(one, ring.memory)
    const slot = ring.enter(user)
    ring.repeatsReads = canRepeatReads(ring, slot, user, other, closeOther)
    ring.leave(slot)
  })
}

function checkReceiving(ring: Uring, slot: number, user: Probe, other: number): void {
  ring.receive(slot, true)
  ring.turn()
  ring.message.send(other, Buffer.from(PROBE))
  ring.turn()
  check(user.text === PROBE, 'receiving by io_uring')
  const start = ring.memory.repliesEnd - PROBE.length
  check(ring.receiveNow(user.fd, start, PROBE.length) === -1, 'recv')
  ring.message.send(other, Buffer.from(PROBE))
  const length = ring.receiveNow(user.fd, start, PROBE.length)
  check(ring.memory.arena.bytes.toString('latin1', start, start + length) === PROBE, 'recv')
  ring.receive(slot, false)
  ring.turn()
  ring.cancel(slot)
  ring.turn()
  check(user.result === ECANCELED, 'cancelling by io_uring')
}

/**
 * As Linux 6.17 and later can: until the limit is reached. Some of these miss an end that comes together with bytes. Leaves no
 * request.
 */
function canRepeatReads(
  ring: Uring,
  slot: number,
  user: Probe,
  other: number,
  closeOther: () => void,
): boolean {
  const startReading = (): void => {
    ring.receive(slot, false)
    ring.turn()
  }
  ring.repeatsReads = true
  startReading()
  const canRepeat = [PROBE, PROBE.toUpperCase(), LONG_PROBE].every((text) => {
    ring.message.send(other, Buffer.from(text))
    ring.turn()
    return user.text === text && user.isLast === (text === LONG_PROBE)
  })
  if (canRepeat) startReading()
  ring.message.send(other, Buffer.from(PROBE))
  closeOther()
  ring.turn()
  const findsEnd = user.result <= 0
  ring.cancel(slot)
  ring.turn()
  return canRepeat && findsEnd
}

/** A send that succeeds must be silent, and one that does not must not wait. */
function checkSending(ring: Uring, slot: number, user: Probe, other: number): void {
  const { memory } = ring
  const start = memory.repliesEnd - PROBE.length
  memory.arena.bytes.write(PROBE, start, 'latin1')
  const received = Buffer.alloc(2 * PROBE.length)
  ring.send(slot, start, PROBE.length)
  ring.turn()
  const length = readSync(other, received)
  check(received.toString('latin1', 0, length) === PROBE && user.failure === undefined, 'sending by io_uring')
  while (ring.message.send(user.fd, FILLING) > 0);
  ring.send(slot, start, PROBE.length)
  ring.turn()
  check(user.failure === EAGAIN, 'sending to a full socket by io_uring')
}

class Probe implements RingUser {
  readonly fd: number
  text = ''
  isLast = false
  /** Of a read without bytes. */
  result = 1
  failure: number | undefined = undefined
  private readonly memory: RingMemory

  constructor(fd: number, memory: RingMemory) {
    this.fd = fd
    this.memory = memory
  }

  received(start: number, length: number, isLast: boolean): void {
    this.isLast = isLast
    this.text = this.memory.arena.bytes.toString('latin1', start, start + length)
  }

  receivedNothing(result: number): void {
    this.result = result
  }

  sendFailed(result: number): void {
    this.failure = result
  }
}

const PROBE = 'probe'
/** As long as a read can be. */
const LONG_PROBE = 'x'.repeat(READ_LENGTH)
const FILLING = Buffer.alloc(65536)
