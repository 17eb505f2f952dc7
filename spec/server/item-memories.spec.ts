import { expect } from 'chai'
import { hasBridges } from '../../lib/arena/bridge.js'
import { Server } from '../../lib/index.js'
import { beyondMachine } from '../../lib/server/workers/memory-for.js'
import { Connection } from '../support/connection.js'

describe('A server with several memories for items', () => {
  it('needs a Node.js that can use them, and says so', async function () {
    if (hasBridges()) this.skip()
    const sentence = (options: object): Promise<string> =>
      Server.start({ port: 0, ...options }).then(
        () => 'it starts',
        ({ message }: Error) => message,
      )
    expect(await sentence({ memoryMegabytes: 8000 })).to.equal(
      `memoryMegabytes: 8000 MB need Node.js 22 or later; with ${process.version} the most are 3500 MB in one memory`,
    )
    expect(await sentence({ itemMemories: 2 })).to.match(/^itemMemories: 2 memories need Node.js 22 or later/)
  })

  describe('serves', () => {
    before(function () {
      if (!hasBridges()) this.skip()
    })

    for (const workers of [1, 2])
      it(`items of all sizes with ${workers} workers, and sums of its memories`, async () => {
        await using server = await Server.start({ port: 0, memoryMegabytes: 128, itemMemories: 4, workers })
        const client = await Connection.open({ port: server.port, host: '127.0.0.1' })
        const ask = async (lines: string, end: string): Promise<string> => {
          client.send(Buffer.from(lines))
          return (await client.receiveUntil(Buffer.from(end))).toString()
        }
        const items = Array.from({ length: 400 }, (_, index) => {
          const value = `${index}`.repeat(1 + ((index * 7919) % 20_000))
          return { key: `key-${index}`, head: `${index} ${value.length}`, value }
        })
        const sets = items.map(
          ({ key, value }, index) => `set ${key} ${index} 0 ${value.length}\r\n${value}\r\n`,
        )
        expect(await ask(`${sets.join('')}mn\r\n`, 'MN\r\n')).to.equal(`${'STORED\r\n'.repeat(400)}MN\r\n`)
        const gets = items.map(({ key }) => `get ${key}\r\n`)
        const got = items.map(({ key, head, value }) => `VALUE ${key} ${head}\r\n${value}\r\nEND\r\n`)
        expect(await ask(`${gets.join('')}mn\r\n`, 'MN\r\n')).to.equal(`${got.join('')}MN\r\n`)
        const statistics = await ask('stats\r\n', 'END\r\n')
        expect(statistics).to.include('STAT curr_items 400\r\n')
        expect(statistics).to.include(`STAT limit_maxbytes ${128 * 2 ** 20}\r\n`)
        client.close()
      })
  })
})

describe('A limit of memory beyond that of the machine', () => {
  it('is a warning with both figures', () => {
    expect(beyondMachine(64, 2000)).to.equal(undefined)
    expect(beyondMachine(2000, 2000)).to.equal(undefined)
    expect(beyondMachine(2001, 2000)).to.equal(
      '-m: 2001 MB are more than the 2000 MB of memory and swap that this machine has',
    )
  })
})
