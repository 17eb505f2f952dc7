/** Prints how many bytes of the heap a get takes beyond its promise and its result: get-loop.js PORT PROTOCOL. */
import { Client, type ClientProtocol } from '../../../lib/client/index.js'
import { allocationPerGet } from './per-get.js'

const [port, protocol] = process.argv.slice(2)
const client = new Client(`127.0.0.1:${port}`, { protocol: protocol as ClientProtocol, timeout: 30_000 })
const keys = Array.from({ length: 64 }, (_, index) => `key:${index}`)
for (const key of keys) await client.set(key, 'v'.repeat(100))
console.log(await allocationPerGet(client, keys))
await client.close()
