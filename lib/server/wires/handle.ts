import net from 'node:net'

/**
 * Undocumented parts of Node's sockets. A socket's handle writes without streams, which cost
 * 4 % of the CPU time of a request and nearly all of its garbage (README.md), and returns at once whether the kernel took
 * all.
 */
export interface Handle {
  writeBuffer(request: WriteRequest, bytes: Buffer): number
  writev(request: WriteRequest, pieces: Buffer[], allAreBuffers: true): number
  close(): void
  setNoDelay?(isOn: boolean): number
  setKeepAlive?(isOn: boolean, delay: number): number
}

export interface WriteRequest {
  wire?: { fulfilled(): void } | undefined
  oncomplete?: (this: WriteRequest) => void
}

/** Node's own view of its streams. Its name is deprecated in the documentation, without a replacement. */
export interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest
  readonly streamBaseState: ArrayLike<number>
  readonly kLastWriteWasAsync: number
  readonly kReadBytesOrError: number
  readonly kArrayBufferOffset: number
}

/** Undefined if this Node version lacks what the direct path needs: then the public interface of sockets is used. */
function findStreamBinding(): StreamBinding | undefined {
  try {
    const { binding } = process as NodeJS.Process & { binding?: (name: string) => Partial<StreamBinding> }
    const found = binding?.('stream_wrap')
    const numbers = [found?.kLastWriteWasAsync, found?.kReadBytesOrError, found?.kArrayBufferOffset]
    const isComplete = found?.WriteWrap && found.streamBaseState && !numbers.includes(undefined)
    return isComplete ? (found as StreamBinding) : undefined
  } catch {
    return undefined
  }
}

export const streams = findStreamBinding()

/** A socket over a handle. */
export function socketOver(handle: Handle, onread?: net.OnReadOpts): net.Socket {
  const options = { handle, allowHalfOpen: true, ...(onread && { onread }) }
  return new net.Socket(options as net.SocketConstructorOpts)
}
