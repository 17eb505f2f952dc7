import { CANCEL, CANCEL_ALL_OF_FD, IO_URING_REGISTER, REGISTER_SYNC_CANCEL } from './layout.js'
import { Mapping } from './mapping.js'
import type { SystemCalls } from './system-calls.js'

/**
 * Cancels the requests of a descriptor, by a system call of its own: a full queue cannot keep it from that. The requests complete with
 * the next `enter`.
 */
export class Cancellation {
  private readonly system: SystemCalls
  private readonly ring: number
  private readonly mapping: Mapping
  private readonly view: DataView

  constructor(system: SystemCalls, ring: number) {
    this.system = system
    this.ring = ring
    this.mapping = Mapping.anonymous(system, CANCEL.LENGTH)
    this.view = new DataView(this.mapping.memory)
    this.view.setUint32(CANCEL.FLAGS, CANCEL_ALL_OF_FD, true)
  }

  cancel(fd: number): void {
    this.view.setInt32(CANCEL.FD, fd, true)
    this.system.callWith(IO_URING_REGISTER, this.ring, REGISTER_SYNC_CANCEL, this.mapping.address, 1)
  }

  close(): void {
    this.mapping.unmap()
  }
}
