import type { Connection } from './connection.js'
import type { Worker } from './worker.js'

/**
 * No window is left: closes the connection that holds most, until one is. Of several that hold as many, it closes the one
 * that has been silent for longest. Never the one that is being served, unless it holds most itself.
 */
export function freeWindow(worker: Worker, connections: Iterable<Connection>): void {
  const { pool, output, request } = worker
  while (pool.isEmpty) {
    let largest: Connection | undefined
    let servedCount = output.windowCount
    for (const connection of connections) {
      if (connection.session === request.session) servedCount += connection.windowCount
      else if (largest === undefined || isLarger(connection, largest)) largest = connection
    }
    if (largest === undefined || largest.windowCount <= servedCount) return
    largest.drop()
  }
}

const isLarger = (one: Connection, other: Connection): boolean =>
  one.windowCount > other.windowCount ||
  (one.windowCount === other.windowCount && one.lastTime < other.lastTime)
