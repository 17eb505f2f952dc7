// Runs every command of the memcached of npm (text) and prints every answer. Argument: port.
import Memcached from 'memcached'

const client = new Memcached(`127.0.0.1:${process.argv[2]}`, { retries: 0, timeout: 5000 })

/** Calls a method of the client with a callback after its arguments. */
const ask = (method, ...words) =>
  new Promise((resolve, reject) => {
    client[method](...words, (error, answer) => (error ? reject(error) : resolve(answer)))
  })

async function attempt(what, action) {
  try {
    const answer = await action()
    console.log(`${what}: ${JSON.stringify(answer)?.slice(0, 300)}`)
  } catch (error) {
    console.log(`${what}: refused: ${error.message ?? error}`)
  }
}

await attempt('flush', () => ask('flush'))
await attempt('get of nothing', () => ask('get', 'key'))
await attempt('set', () => ask('set', 'key', 'value', 100))
await attempt('get', () => ask('get', 'key'))
await attempt('set of a number', () => ask('set', 'number', 10, 0))
await attempt('get of a number', () => ask('get', 'number'))
await attempt('set of an object', () => ask('set', 'object', { list: [1, 'two'] }, 0))
await attempt('get of an object', () => ask('get', 'object'))
await attempt('set of true', () => ask('set', 'true', true, 0))
await attempt('get of true', () => ask('get', 'true'))
await attempt('set of bytes', () => ask('set', 'bytes', Buffer.from([0, 13, 10, 255]), 0))
await attempt('get of bytes', async () => (await ask('get', 'bytes')).toString('hex'))
await attempt('set of nothing', () => ask('set', 'empty', '', 0))
await attempt('get of it', () => ask('get', 'empty'))
await attempt('set that is over', () => ask('set', 'over', 'x', -1))
await attempt('get of what is over', () => ask('get', 'over'))
await attempt('add', () => ask('add', 'key', 'other', 0))
await attempt('add of a new key', () => ask('add', 'new', 'other', 0))
await attempt('replace', () => ask('replace', 'key', 'replaced', 0))
await attempt('replace of nothing', () => ask('replace', 'none', 'replaced', 0))
await attempt('append', () => ask('append', 'key', '>'))
await attempt('prepend', () => ask('prepend', 'key', '<'))
await attempt('append to nothing', () => ask('append', 'none', '>'))
await attempt('get', () => ask('get', 'key'))
await attempt('getMulti', () => ask('getMulti', ['key', 'none', 'new']))
await attempt('gets', async () => Object.keys(await ask('gets', 'key')))
await attempt('gets of nothing', () => ask('gets', 'none'))
await attempt('cas of nothing', () => ask('cas', 'none', 'v', '999999999', 0))
await attempt('cas of another', () => ask('cas', 'key', 'v', '999999999', 0))
await attempt('cas', async () => ask('cas', 'key', 'swapped', (await ask('gets', 'key')).cas, 0))
await attempt('get', () => ask('get', 'key'))
await attempt('touch', () => ask('touch', 'key', 100))
await attempt('touch of nothing', () => ask('touch', 'none', 100))
await attempt('incr of nothing', () => ask('incr', 'none', 1))
await attempt('incr', () => ask('incr', 'number', 5))
await attempt('decr', () => ask('decr', 'number', 6))
await attempt('decr below nothing', () => ask('decr', 'number', 100))
await attempt('incr of text', () => ask('incr', 'key', 1))
await attempt('del', () => ask('del', 'key'))
await attempt('del of nothing', () => ask('del', 'key'))
await attempt('a long value', () => ask('set', 'long', 'x'.repeat(500_000), 0))
await attempt('get of it', async () => (await ask('get', 'long')).length)
await attempt('a hundred at once', async () => {
  const keys = Array.from({ length: 100 }, (_, n) => `key:${n}`)
  await Promise.all(keys.map((key) => ask('set', key, `of ${key}`, 0)))
  const values = await ask('getMulti', keys)
  return keys.every((key) => values[key] === `of ${key}`)
})
await attempt('a key with a space', () => ask('get', 'a key'))
await attempt('a key that is too long', () => ask('get', 'k'.repeat(251)))
await attempt('stats', async () => (await ask('stats'))[0].pointer_size)
await attempt('settings', async () => (await ask('settings'))[0].cas_enabled)
await attempt('items', async () => typeof Object.values((await ask('items'))[0])[0].number)
await attempt('slabs', async () => typeof Object.values((await ask('slabs'))[0])[0].chunk_size)
await attempt('version', async () => /^\d+\.\d+\.\d+$/.test((await ask('version'))[0].version))
await attempt('flush', () => ask('flush'))
await attempt('get of what is gone', () => ask('get', 'number'))
client.end()
