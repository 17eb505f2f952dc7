import { Connection, type Credentials, type Endpoint } from './connection.js'

export type Statistic = readonly [name: string, value: string]

/** A client of either protocol, as it is opened. */
interface Client {
  logIn(credentials: Credentials): Promise<void>
  close(): void
}

/** Connects, and logs in if there are credentials and the server requires them. */
export async function openClient<T extends Client>(
  endpoint: Endpoint,
  create: (connection: Connection) => T,
): Promise<T> {
  const client = create(await Connection.open(endpoint))
  try {
    if (endpoint.credentials !== undefined) await client.logIn(endpoint.credentials)
  } catch (error) {
    client.close()
    throw error
  }
  return client
}
