import type { Connection } from './connection.js'
import type { Worker } from './worker.js'

/**
 * Called when no window is left: closes the connection with the most windows, until one is free. Among equals it closes the
 * one that has been silent longest. The connection that is being served is closed only if it has the most itself.
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
