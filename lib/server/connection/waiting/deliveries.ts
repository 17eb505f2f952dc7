/** A connection with replies that have come. */
export interface Deliverable {
  deliver(): void
}

/**
 * Connections that may have something to send, since replies of a remote engine have come. Many come in one read: each
 * connection sends all of its own at once, when the read has been processed.
 */
export class Deliveries {
  private ready = new Set<Deliverable>()
  private readonly run = () => {
    const { ready } = this
    this.ready = new Set()
    for (const each of ready) each.deliver()
  }

  add(deliverable: Deliverable): void {
    if (this.ready.size === 0) process.nextTick(this.run)
    this.ready.add(deliverable)
  }
}
