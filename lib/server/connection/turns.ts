/** A connection that yields to others. */
export interface Yielding {
  takeTurn(): void
}

/**
 * Connections with more requests than one turn allows. They continue one after another, for a while in each round of the event
 * loop: a short one if other clients have sent something in this round. The loop accepts one connection in a round,
 * and a client with one request must not wait for clients with many.
 */
export class Turns {
  /** A client has sent something since the last of these turns. */
  othersHaveCome = false
  private waiting: Yielding[] = []
  private isDue = false
  private readonly go = () => this.run()

  wait(connection: Yielding): void {
    this.waiting.push(connection)
    this.schedule()
  }

  private schedule(): void {
    if (this.isDue) return
    this.isDue = true
    this.runSoon(this.go)
  }

  /** In the next round of the event loop. A test server has it run while the timers of its program are fake. */
  protected runSoon(go: () => void): void {
    setImmediate(go)
  }

  private run(): void {
    this.isDue = false
    const present = this.waiting
    this.waiting = []
    const end = performance.now() + (this.othersHaveCome ? SHORT_MS : LONG_MS)
    this.othersHaveCome = false
    let index = 0
    while (index < present.length) {
      present[index++]!.takeTurn()
      if (performance.now() >= end) break
    }
    if (index === present.length) return
    // Connections that need another turn wait behind those that had none.
    this.waiting = present.slice(index).concat(this.waiting)
    this.schedule()
  }
}

const SHORT_MS = 0.1
const LONG_MS = 2
