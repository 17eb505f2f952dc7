// Writes values with a client of npm, or prints those that it reads. Arguments: port, `memjs` or `memcached`, `write` or `read`.
import { promisify } from 'node:util'
import Memcached from 'memcached'
import memjs from 'memjs'

const [port, name, what] = process.argv.slice(2)
const BYTES = Buffer.from([0, 255, 13, 10, 92, 13])
const VALUES = {
  memjs: { text: 'grüße', empty: '', bytes: BYTES },
  memcached: {
    text: 'grüße \\\r\n',
    empty: '',
    bytes: BYTES,
    integer: 42,
    float: -1.5,
    true: true,
    null: null,
    object: { a: ['\r\n'] },
  },
}[name]

const client =
  name === 'memjs' ? memjs.Client.create(`127.0.0.1:${port}`) : new Memcached(`127.0.0.1:${port}`)
const set =
  name === 'memjs'
    ? (key, value) => client.set(key, value, {})
    : (key, value) => promisify(client.set).call(client, key, value, 0)
const get =
  name === 'memjs'
    ? async (key) => (await client.get(key)).value
    : (key) => promisify(client.get).call(client, key)

for (const [key, value] of Object.entries(VALUES))
  if (what === 'write') await set(key, value)
  else console.log(`${key}: ${shown(await get(key))}`)
if (name === 'memjs') client.close()
else client.end()

function shown(value) {
  return Buffer.isBuffer(value) ? `bytes ${value.toString('hex')}` : JSON.stringify(value)
}
