/** Listing the keys of servers that refuse, or are busy with the list of another client. */
import { expect } from 'chai'
import { KeyList } from '../../../lib/cli/copy/key-list.js'
import { listKeys } from '../../../lib/cli/copy/list-keys.js'
import { replyToLines, ScriptedServer } from '../../client/support/scripted-server.js'

const LISTED = 'OK\r\nkey=a%3A1 exp=-1 la=5 cas=2 fetch=no cls=1 size=70\nkey=b exp=9 size=80\nEND\r\n'

/** What it lists, or the error; and what it was asked. */
async function listed(replies: string[], prefix = '') {
  const asked: string[] = []
  const server = await ScriptedServer.start(
    replyToLines((line) => {
      asked.push(line)
      return replies.shift()
    }),
  )
  const list = await KeyList.temporary()
  const address = { host: '127.0.0.1', port: server.port }
  const endpoint = { address, tls: undefined, timeoutMs: 30_000, credentials: undefined }
  const keys: string[] = []
  let error: Error | undefined
  try {
    await listKeys(endpoint, Buffer.from(prefix), list, new AbortController().signal)
    for await (const { name, size } of list.keys()) keys.push(`${name} ${size}`)
  } catch (thrown) {
    error = thrown as Error
  }
  await list.close(true)
  await server.stop()
  return { asked, keys, error: error?.message }
}

describe('listing keys', () => {
  it('walks over the hash table, which has every key', async () => {
    expect(await listed([LISTED])).to.deep.equal({
      asked: ['lru_crawler metadump hash'],
      keys: ['a%3A1 70', 'b 80'],
      error: undefined,
    })
    expect((await listed([LISTED], 'a:')).keys).to.deep.equal(['a%3A1 70'])
  })

  it('walks over the LRU lists where the server does not know that', async () => {
    const { asked, keys } = await listed(['CLIENT_ERROR bad command line format\r\n', LISTED])
    expect(asked).to.deep.equal(['lru_crawler metadump hash', 'lru_crawler metadump all'])
    expect(keys).to.have.lengthOf(2)
  })

  it('waits while the server lists for another client', async () => {
    const { asked, keys } = await listed(['BUSY currently processing crawler request\r\n', LISTED])
    expect(asked).to.deep.equal(Array(2).fill('lru_crawler metadump hash'))
    expect(keys).to.have.lengthOf(2)
  })

  it('begins anew when the server breaks off a list', async () => {
    const broken = LISTED.replace('END', 'BUSY locked try again later')
    expect((await listed([broken, LISTED])).keys).to.have.lengthOf(2)
  })

  it('passes on why the server lists nothing', async () => {
    const refused = 'ERROR lru crawler disabled\r\n'
    const { error, keys } = await listed([refused, refused])
    expect([error, keys]).to.deep.equal(['FROM does not list its keys: ERROR lru crawler disabled', []])
  })
})
