import { expect } from 'chai'
import { Client, type PartialError } from '../../../lib/client/index.js'
import { replyToLines, ScriptedServer } from '../support/scripted-server.js'

/** The flags of a number, and no number. */
const DAMAGED = 'VALUE a 3 1\r\nx\r\n'

describe('a getMany over text', () => {
  let server: ScriptedServer
  let client: Client
  afterEach(async () => {
    await client.close()
    await server.stop()
  })

  /** Gets a, b and c. Returns the codes of those that failed, and those that were found. */
  async function outcomeWith(replies: Readonly<Record<string, string>>): Promise<unknown> {
    server = await ScriptedServer.start(replyToLines((line) => replies[line]))
    client = new Client(server.name, { protocol: 'text', timeout: 30_000, breaker: false })
    const { failed, found } = (await client
      .getMany(['a', 'b', 'c'])
      .catch((caught: unknown) => caught)) as PartialError
    return [[...failed].map(([key, { code }]) => `${key} ${code}`), Object.fromEntries(found)]
  }

  it('does not take what was to come for missing if the server breaks off with an error', async () => {
    const reply = `${DAMAGED}SERVER_ERROR out of memory\r\n`
    expect(await outcomeWith({ 'get a b c': reply })).deep.equal([['a SERVER', 'b SERVER', 'c SERVER'], {}])
  })

  it('names those alone that failed when they were asked for again', async () => {
    const replies = {
      'get a b c': `${DAMAGED}VALUE b 0 0\r\n\r\nVALUE c 0 0\r\n\r\nEND\r\n`,
      'get b': 'SERVER_ERROR out of memory\r\n',
      'get c': 'VALUE c 0 0\r\n\r\nEND\r\n',
    }
    expect(await outcomeWith(replies)).deep.equal([['a BAD_VALUE', 'b SERVER'], { c: '' }])
  })
})
