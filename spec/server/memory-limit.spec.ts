import { expect } from 'chai'
import { statistic, statistics } from '../support/binary-client.js'
import type { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { itemExtras, Op, request } from '../support/frames.js'
import { useServer } from '../support/server.js'
import { line } from '../support/text-replies.js'

const MEGABYTE = 1024 * 1024

/** Other keys of the same total size at each call. */
async function store(connection: Connection, prefix: string, megabytes: number): Promise<void> {
  const value = Buffer.alloc(64 * 1024, 'v')
  for (let index = 0; index < megabytes * 16; index++)
    connection.send(request(Op.SETQ, { key: `${prefix}:${index}`, value, extras: itemExtras() }))
  await statistic(connection, 'pid')
}

for (const threads of ['1', '2'])
  describe(`cache_memlimit, with ${threads} threads`, () => {
    const server = useServer({ options: ['-m', '16', '-t', threads] })

    it('raises and lowers the limit for all of them', async () => {
      const [text, one, other] = await Promise.all([1, 2, 3].map(() => server().connect()))
      const limit = async (megabytes: number) => {
        text!.send(line(`cache_memlimit ${megabytes}`))
        expect(`${await text!.receive(4)}`).to.equal('OK\r\n')
        expect((await statistics(other!, 'settings')).get('maxbytes')).to.equal(`${megabytes * MEGABYTE}`)
        expect(await statistic(one!, 'limit_maxbytes')).to.equal(megabytes * MEGABYTE)
      }
      const malloced = async () => Number((await statistics(one!, 'slabs')).get('total_malloced'))

      await limit(64)
      await Promise.all([store(one!, 'one', 25), store(other!, 'other', 25)])
      expect(await statistic(one!, 'evictions')).to.equal(0)
      expect(await malloced()).to.be.at.least(50 * MEGABYTE)

      await limit(8)
      expect(await eventually(true, async () => (await malloced()) <= 8 * MEGABYTE)).to.equal(true)
      await Promise.all([store(one!, 'one', 25), store(other!, 'other', 25)])
      expect(await eventually(true, async () => (await malloced()) <= 8 * MEGABYTE)).to.equal(true)
      expect(await statistic(one!, 'curr_items')).within(64, 128)
      for (const connection of [text, one, other]) connection!.close()
    })
  })

/** Without the changes there are addresses to raise the limit to 3500 MB. */
describe('cache_memlimit while the changes take addresses', () => {
  const server = useServer({ options: ['-m', '2000', '-t', '2', '--changes', '1g'] })

  it('raises the limit as far as there are some', async () => {
    const [text, one, other] = await Promise.all([1, 2, 3].map(() => server().connect()))
    const send = async (command: string): Promise<string> => {
      text!.send(line(command))
      return `${await text!.receiveUntil(Buffer.from('\r\n'))}`
    }
    expect(await send('cache_memlimit 2200')).to.equal('OK\r\n')
    expect(await statistic(other!, 'limit_maxbytes')).to.equal(2200 * MEGABYTE)
    expect(await send('cache_memlimit 3400')).to.match(/^MEMLIMIT_ADJUST_FAILED out of bounds/)
    await Promise.all([store(one!, 'one', 10), store(other!, 'other', 10)])
    expect(await statistic(other!, 'curr_items')).to.equal(320)
    for (const connection of [text, one, other]) connection!.close()
  })
})
