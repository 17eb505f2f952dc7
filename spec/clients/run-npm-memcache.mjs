// Runs every command of the memcache of npm (text) and prints every answer. Argument: port. With TLS in the
// environment the connection is encrypted.
import { Memcache } from 'memcache'

const client = new Memcache({
  nodes: [`127.0.0.1:${process.argv[2]}`],
  retries: 0,
  timeout: 5000,
  ...(process.env.TLS === undefined ? {} : { tls: { rejectUnauthorized: false } }),
})
client.on('error', () => undefined)

async function attempt(what, action) {
  try {
    console.log(`${what}: ${shown(await action())}`)
  } catch (error) {
    console.log(`${what}: refused: ${error.message}`)
  }
}

const shown = (answer) =>
  JSON.stringify(answer instanceof Map ? [...answer.entries()].sort() : answer)?.slice(0, 300)

/** The values of the one server. */
const told = async (answers) => [...(await answers).values()][0]

await attempt('connect', () => client.connect())
await attempt('flush', () => client.flush())
await attempt('get of nothing', () => client.get('key'))
await attempt('set', () => client.set('key', 'value', 100, 7))
await attempt('get', () => client.get('key'))
await attempt('set of nothing', () => client.set('empty', ''))
await attempt('get of it', () => client.get('empty'))
await attempt('add', () => client.add('key', 'other'))
await attempt('add of a new key', () => client.add('new', 'other'))
await attempt('replace', () => client.replace('key', 'replaced'))
await attempt('replace of nothing', () => client.replace('none', 'replaced'))
await attempt('append', () => client.append('key', '>'))
await attempt('prepend', () => client.prepend('key', '<'))
await attempt('append to nothing', () => client.append('none', '>'))
await attempt('get', () => client.get('key'))
await attempt('gets', () => client.gets(['key', 'none', 'new']))
await attempt('cas of nothing', () => client.cas('none', 'v', '999999999'))
await attempt('cas of another', () => client.cas('key', 'v', '999999999'))
await attempt('get', () => client.get('key'))
await attempt('touch', () => client.touch('key', 100))
await attempt('touch of nothing', () => client.touch('none', 100))
await attempt('set of a number', () => client.set('number', '10'))
await attempt('incr of nothing', () => client.incr('none'))
await attempt('incr', () => client.incr('number', 5))
await attempt('decr', () => client.decr('number', 6))
await attempt('decr below nothing', () => client.decr('number', 100))
await attempt('incr of text', () => client.incr('key'))
await attempt('delete', () => client.delete('key'))
await attempt('delete of nothing', () => client.delete('key'))
await attempt('letters of all kinds', () => client.set('letters', 'grün ✓ 雪'))
await attempt('get of them', () => client.get('letters'))
await attempt('line ends in a value', () => client.set('lines', 'END\r\nEND\r\n'))
await attempt('get of them', () => client.get('lines'))
await attempt('a long value', () => client.set('long', 'x'.repeat(500_000)))
await attempt('get of it', async () => (await client.get('long')).length)
await attempt('a hundred at once', async () => {
  const keys = Array.from({ length: 100 }, (_, n) => `key:${n}`)
  await Promise.all(keys.map((key) => client.set(key, `of ${key}`)))
  const values = await client.gets(keys)
  return keys.every((key) => values.get(key) === `of ${key}`)
})
await attempt('stats', async () => (await told(client.stats())).pointer_size)
await attempt('stats settings', async () => (await told(client.stats('settings'))).cas_enabled)
await attempt('version', async () => /^VERSION \d+\.\d+\.\d+$/.test(await told(client.version())))
await attempt('flush', () => client.flush())
await attempt('get of what is gone', () => client.get('number'))
await attempt('quit', () => client.quit())
