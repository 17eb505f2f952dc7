import fc from 'fast-check'
import { type Frame, FrameError, type FrameErrorCode } from '../../lib/protocol/index.js'

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const uint16 = fc.integer({ min: 0, max: 2 ** 16 - 1 })
export const uint8 = fc.integer({ min: 0, max: 2 ** 8 - 1 })
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const buffer = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes))

const parts = {
  opcode: uint8,
  dataType: uint8,
  opaque: uint32,
  cas: uint64,
  extras: buffer(255),
  key: buffer(300),
  value: buffer(300),
}
/** A request or a reply with any content. */
export const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ magic: fc.constant(0x80 as const), vbucket: uint16, ...parts }),
  fc.record({ magic: fc.constant(0x81 as const), status: uint16, ...parts }),
)

/** The function's result, or the FrameError that it throws; any other error is thrown on. */
export function attempt<Answer>(act: () => Answer): Answer | FrameError {
  try {
    return act()
  } catch (error) {
    if (error instanceof FrameError) return error
    throw error
  }
}

export function codeThrownBy(act: () => unknown): FrameErrorCode | undefined {
  const answer = attempt(act)
  return answer instanceof FrameError ? answer.code : undefined
}
