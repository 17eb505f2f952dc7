import { isBare } from '../handle.js'
import { EFD_NONBLOCK_CLOEXEC, IO_URING_REGISTER, REGISTER_EVENTFD } from './layout.js'
import { Mapping } from './mapping.js'
import type { SystemCalls } from './system-calls.js'

/** Wakes Node's loop when the kernel has something for the ring: Node reads the ring's eventfd as if it were a pipe. */
export class Waker {
  private readonly pipe: PipeHandle
  /** Where the count of the eventfd goes, which nobody needs. After a short read Node does not read again at once. */
  private readonly bytes = Buffer.alloc(2 * COUNT_LENGTH)

  constructor(system: SystemCalls, ring: number, wake: () => void) {
    this.pipe = newPipe()
    const fd = system.eventfd(0, EFD_NONBLOCK_CLOEXEC)
    if (fd < 0) throw new Error('no eventfd can be made')
    const isRegistered = Mapping.lend(system, NUMBER_LENGTH, ({ address }, number) => {
      number.setInt32(0, fd, true)
      return system.callWith(IO_URING_REGISTER, ring, REGISTER_EVENTFD, address, 1) >= 0
    })
    if (!isRegistered || this.pipe.open(fd) !== 0) {
      system.close(fd)
      this.pipe.close()
      throw new Error('the eventfd of io_uring cannot be used')
    }
    this.pipe.onread = wake
    this.pipe.useUserBuffer(this.bytes)
    this.pipe.readStart()
    this.pipe.unref()
  }

  /** Whether it keeps the thread alive. */
  keepAlive(isKept: boolean): void {
    if (isKept) this.pipe.ref()
    else this.pipe.unref()
  }

  close(): void {
    this.pipe.close()
  }
}

const COUNT_LENGTH = 8
const NUMBER_LENGTH = 4

/** As in wires/handle.ts. */
interface PipeHandle {
  onread: () => void
  open(fd: number): number
  useUserBuffer(bytes: Buffer): void
  readStart(): number
  ref(): void
  unref(): void
  close(): void
}

function newPipe(): PipeHandle {
  try {
    const { binding } = process as unknown as { binding(name: string): PipeBinding }
    const { Pipe, constants } = binding('pipe_wrap')
    const pipe = new Pipe(constants.SOCKET)
    if (isBare(pipe as never)) return pipe
  } catch {
    // As without it.
  }
  throw new Error('this Node.js has no bare handles')
}

interface PipeBinding {
  readonly Pipe: new (type: number) => PipeHandle
  readonly constants: { readonly SOCKET: number }
}
