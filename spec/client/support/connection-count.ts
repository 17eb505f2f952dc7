import type { Client } from '../../../lib/client/index.js'
import { eventually } from '../../support/eventually.js'

/** Waits until its server has so many connections, the client's own one included: a server notices an end a moment later. */
export async function expectConnections(client: Client, count: number): Promise<void> {
  await eventually(count, async () => {
    const [statistics] = (await client.stats()).values()
    return Number(statistics?.get('curr_connections'))
  })
}
