import type { ChangesOptions, Client, ClientChange } from '../../../lib/client/index.js'

/** So many changes, and the end of the loop. */
export async function take(client: Client, count: number, options?: ChangesOptions): Promise<ClientChange[]> {
  const changes: ClientChange[] = []
  for await (const change of client.changes(options)) {
    changes.push(change)
    if (changes.length === count) break
  }
  return changes
}
