import { readSync, writeSync } from 'node:fs'
import { AF_UNIX, EFD_NONBLOCK_CLOEXEC, MADV_DONTNEED, SOCK_STREAM_CLOEXEC } from './layout.js'
import { Mapping } from './mapping.js'
import { Message } from './message.js'
import type { SystemCalls } from './system-calls.js'

/** Tries each of the calls but those of io_uring. Throws if an answer is wrong. */
export function checkSystemCalls(system: SystemCalls): void {
  checkEventfd(system)
  checkAdvice(system)
  withSocketPair(system, (one, other) => checkMessage(system, one, other))
}

/** Two sockets that are connected with each other. The use may close the other one before its end. */
export function withSocketPair(
  system: SystemCalls,
  use: (one: number, other: number, closeOther: () => void) => void,
): void {
  const [one, other] = Mapping.lend(system, PAIR_LENGTH, ({ address }, pair) => {
    const result = system.socketpair(AF_UNIX, SOCK_STREAM_CLOEXEC, 0, address)
    const sockets = [pair.getInt32(0, true), pair.getInt32(FD_LENGTH, true)] as const
    check(result === 0 && sockets.every((socket) => socket > 0), 'socketpair')
    return sockets
  })
  let isOpen = true
  const closeOther = () => {
    if (isOpen) system.close(other)
    isOpen = false
  }
  try {
    use(one, other, closeOther)
  } finally {
    system.close(one)
    closeOther()
  }
}

/** What one view of the memory writes, the kernel must read at the address, and in both orders of pieces. */
function checkMessage(system: SystemCalls, one: number, other: number): void {
  const message = new Message(system)
  try {
    const pieces = [
      Buffer.from(PROBE),
      Buffer.alloc(PROBE_LENGTH_MAX, '.'),
      Buffer.from(new SharedArrayBuffer(8)),
    ]
    const whole = Buffer.concat(pieces)
    const received = Buffer.alloc(whole.length)
    check(message.send(one, pieces[0]!) === PROBE.length, 'sendmsg')
    check(
      readSync(other, received) === PROBE.length && `${received.subarray(0, PROBE.length)}` === PROBE,
      'sendmsg',
    )
    check(message.sendAll(one, pieces) === whole.length, 'sendmsg')
    check(readSync(other, received) === whole.length && received.equals(whole), 'sendmsg')
    check(message.send(-1, whole) === -1, 'sendmsg')
  } finally {
    message.close()
  }
}

function checkEventfd(system: SystemCalls): void {
  const fd = system.eventfd(0, EFD_NONBLOCK_CLOEXEC)
  check(fd > 0, 'eventfd')
  try {
    const count = Buffer.alloc(COUNT_LENGTH)
    count.writeBigUInt64LE(3n)
    writeSync(fd, count)
    count.fill(0)
    check(readSync(fd, count) === COUNT_LENGTH && count.readBigUInt64LE() === 3n, 'eventfd')
  } finally {
    system.close(fd)
  }
}

/** Bytes that are not needed become zeros, and no others. */
function checkAdvice(system: SystemCalls): void {
  Mapping.lend(system, 2 * PAGE_LENGTH, ({ address }, view) => {
    view.setInt8(0, 1)
    view.setInt8(PAGE_LENGTH, 1)
    check(system.madvise(address, PAGE_LENGTH, MADV_DONTNEED) === 0, 'madvise')
    check(view.getInt8(0) === 0 && view.getInt8(PAGE_LENGTH) === 1, 'madvise')
  })
}

export function check(isRight: boolean, what: string): void {
  if (!isRight) throw new Error(`${what} gives a wrong answer`)
}

const FD_LENGTH = 4
const PAIR_LENGTH = 2 * FD_LENGTH
const COUNT_LENGTH = 8
/** The largest that Linux has on these processors. */
const PAGE_LENGTH = 65_536
const PROBE = 'probe'
const PROBE_LENGTH_MAX = 5000
