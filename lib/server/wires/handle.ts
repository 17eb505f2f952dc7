import net from 'node:net'
import { getSystemErrorName } from 'node:util'

/**
 * What Node does not document of its sockets: the handle below each of them. It reads into memory of ours, writes without the
 * machinery of streams, and says at once whether the kernel took all.
 */
export interface Handle {
  close(closed?: (this: Handle) => void): void
  setNoDelay?(isOn: boolean): number
  setKeepAlive?(isOn: boolean, delay: number): number
  getpeername?(address: Partial<net.AddressInfo>): number
  getsockname?(address: Partial<net.AddressInfo>): number
}

/** A handle that can be used without a socket over it. */
export interface BareHandle extends Handle {
  /** Receives what is said of it. Ours, and not of Node. */
  wire?: HandleUser
  /** Called after each read, at the end and at an error. May return another buffer for the next reads. */
  onread: (this: BareHandle) => Buffer | undefined
  /** Reads go to this buffer, which Node does not keep alive. */
  useUserBuffer(buffer: Buffer): void
  readStart(): number
  readStop(): number
  writeBuffer(request: WriteRequest, bytes: Buffer): number
  writev(request: WriteRequest, pieces: Buffer[], allAreBuffers: true): number
  shutdown(request: ShutdownRequest): number
}

interface HandleUser {
  /** The handle is gone. */
  closed(): void
}

export interface WriteRequest {
  /** Receives word of the end of a write that had to wait. Ours, and not of Node. */
  wire?: { written(status: number): void } | undefined
  /** What is written, which Node does not keep alive. */
  bytes?: Buffer | Buffer[] | undefined
  oncomplete?: (this: WriteRequest, status: number) => void
}

export interface ShutdownRequest {
  /** Ours, and not of Node. */
  wire?: { sendingEnded(): void }
  oncomplete?: (this: ShutdownRequest) => void
}

/** Node's own view of its streams. Its name is deprecated in the documentation, and nothing has taken its place. */
export interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest
  readonly ShutdownWrap: new () => ShutdownRequest
  readonly streamBaseState: ArrayLike<number>
  readonly kLastWriteWasAsync: number
  readonly kReadBytesOrError: number
  readonly kArrayBufferOffset: number
}

/** Undefined if this Node version lacks what bare handles need: then the public interface of sockets is used. */
function findStreamBinding(): StreamBinding | undefined {
  try {
    const { binding } = process as NodeJS.Process & { binding?: (name: string) => Partial<StreamBinding> }
    const found = binding?.('stream_wrap')
    const parts = [
      found?.WriteWrap,
      found?.ShutdownWrap,
      found?.streamBaseState,
      found?.kLastWriteWasAsync,
      found?.kReadBytesOrError,
      found?.kArrayBufferOffset,
    ]
    const isComplete = !parts.includes(undefined) && getSystemErrorName(END_OF_STREAM) === 'EOF'
    return isComplete ? (found as StreamBinding) : undefined
  } catch {
    return undefined
  }
}

/** libuv's own number for it, the same on every system. */
export const END_OF_STREAM = -4095

export const streams = findStreamBinding()

/** Whether this Node has all that a wire over a bare handle needs. */
export function isBare(handle: Handle): handle is BareHandle {
  const methods = handle as unknown as Record<string, unknown>
  return (
    streams !== undefined &&
    'onread' in handle &&
    METHODS.every((name) => typeof methods[name] === 'function')
  )
}

const METHODS = [
  'close',
  'useUserBuffer',
  'readStart',
  'readStop',
  'writeBuffer',
  'writev',
  'shutdown',
] as const satisfies (keyof BareHandle)[]

/** A socket over a handle. */
export function socketOver(handle: Handle): net.Socket {
  return new net.Socket({ handle, allowHalfOpen: true } as net.SocketConstructorOpts)
}
