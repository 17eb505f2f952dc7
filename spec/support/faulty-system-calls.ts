import { loadSystemCalls, type SystemCalls } from '../../lib/server/wires/uring/system-calls.js'

/** The real calls, of which some are changed: what a kernel refuses, and when. */
export function faultySystemCalls(faults: (real: SystemCalls) => Partial<SystemCalls>): SystemCalls {
  const real = loadSystemCalls()
  return { ...real, ...faults(real) }
}

/** A kernel that takes no requests for a while. */
export class RefusingKernel {
  isRefusing = false
  readonly system = faultySystemCalls(({ call }) => ({
    call: (number, a, b, c, d, e, f) => (this.isRefusing ? -1 : call(number, a, b, c, d, e, f)),
  }))
}

/** Each send takes this many bytes at most. The message header is as in lib/server/wires/uring/message.ts. */
export function sendingAtMost(lengthMax: number): SystemCalls {
  return faultySystemCalls((real) => ({
    sender(messageAddress) {
      const send = real.sender(messageAddress)
      const header = new DataView(real.memoryAt(messageAddress, PIECES_AT + PIECE_LENGTH))
      return (fd, flags) => {
        const length = header.getBigUint64(PIECES_AT + LENGTH_AT, true)
        const shorter = BigInt(Math.min(Number(length), lengthMax))
        header.setBigUint64(PIECES_AT + LENGTH_AT, shorter, true)
        header.setBigUint64(PIECE_COUNT_AT, 1n, true)
        return send(fd, flags)
      }
    },
  }))
}

const PIECE_COUNT_AT = 24
const PIECES_AT = 64
const PIECE_LENGTH = 16
const LENGTH_AT = 8
