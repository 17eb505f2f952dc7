import { MAP_PRIVATE_ANONYMOUS, PROT_READ_WRITE } from './layout.js'
import type { SystemCalls } from './system-calls.js'

/**
 * Memory that the kernel is given the address of. It is not of V8's heap: no collection moves or frees it, not even that of a thread
 * that has died while the kernel could still write there.
 */
export class Mapping {
  readonly address: number
  readonly length: number
  readonly memory: ArrayBuffer
  private readonly system: SystemCalls

  private constructor(system: SystemCalls, address: number, length: number) {
    this.system = system
    this.address = address
    this.length = length
    this.memory = system.memoryAt(address, length)
  }

  /** Zeros. */
  static anonymous(system: SystemCalls, length: number): Mapping {
    return Mapping.of(system, length, MAP_PRIVATE_ANONYMOUS, -1, 0)
  }

  /** Memory of a file descriptor. */
  static of(system: SystemCalls, length: number, flags: number, fd: number, offset: number): Mapping {
    const address = system.mmap(length, PROT_READ_WRITE, flags, fd, offset)
    if (address <= 0) throw new Error('no memory can be mapped')
    return new Mapping(system, address, length)
  }

  /** Runs `use` with zeros that the kernel reads or writes only meanwhile. */
  static lend<Result>(
    system: SystemCalls,
    length: number,
    use: (lent: Mapping, view: DataView) => Result,
  ): Result {
    const lent = Mapping.anonymous(system, length)
    try {
      return use(lent, new DataView(lent.memory))
    } finally {
      lent.unmap()
    }
  }

  /** The memory must not be used any more. */
  unmap(): void {
    this.system.munmap(this.address, this.length)
  }
}
