/** Items counted by the prefixes of their keys. */
import { expect } from 'chai'
import { ADMIN_GROUP_COUNT_MAX } from '../../lib/request/limits.js'
import { errorOf, useAdmin } from '../support/admin.js'

interface Group {
  readonly prefix?: string
  readonly prefix64?: string
  readonly count: number
  readonly bytes: number
}

interface Reply extends Group {
  readonly prefixes: Group[]
  readonly here: Group
  readonly others: Group
}

describe('GET /v1/items?by=', () => {
  const admin = useAdmin()

  async function store(keys: readonly string[], length = 5): Promise<void> {
    const connection = await admin().connect()
    const lines = keys.map((key) => `set ${key} 0 0 ${length} noreply\r\n${'v'.repeat(length)}\r\n`)
    connection.send(Buffer.from(`${lines.join('')}mn\r\n`, 'latin1'))
    await connection.receiveUntil(Buffer.from('MN\r\n'))
    connection.close()
  }

  async function groupsOf(query: string): Promise<Reply> {
    const { status, text } = await admin().send(`/v1/items?${query}`)
    expect(status, text).to.equal(200)
    return JSON.parse(text)
  }

  before(async () => {
    await store(['user:1:name', 'user:1:age', 'user:2:name', 'plain', 'user:none'])
    await store(['page:1'], 3000)
  })

  it('counts by the next part of the key, and begins with what uses the most bytes', async () => {
    const { prefix, prefixes, here, others } = await groupsOf('by=:')
    expect(prefix).to.equal('')
    expect(prefixes.map(({ prefix, count }) => [prefix, count])).to.deep.equal([
      ['page:', 1],
      ['user:', 4],
    ])
    expect(prefixes[0]!.bytes).to.be.within(3000, 3200)
    expect([here.count, others.count, others.bytes]).to.deep.equal([1, 0, 0])
  })

  it('goes one level deeper below a prefix', async () => {
    const { prefixes, here } = await groupsOf('prefix=user:&by=:')
    expect(prefixes.map(({ prefix, count }) => [prefix, count])).to.deep.equal([
      ['user:1:', 2],
      ['user:2:', 1],
    ])
    expect(here.count).to.equal(1)
  })

  it('agrees with the count of each prefix', async () => {
    const { prefixes } = await groupsOf('by=:')
    for (const { prefix, count, bytes } of prefixes)
      expect(await groupsOf(`count=1&prefix=${prefix}`)).to.deep.equal({ prefix, count, bytes })
  })

  it('sums up what is beyond the limit', async () => {
    const { prefixes, others } = await groupsOf('by=:&limit=1')
    expect(prefixes.map(({ prefix }) => prefix)).to.deep.equal(['page:'])
    expect(others.count).to.equal(4)
    expect(others.bytes).to.be.above(100)
  })

  it('has prefixes of any bytes', async () => {
    await store(['\xff\xfe:1'])
    const { prefixes } = await groupsOf('by=:')
    const prefix64 = Buffer.from('\xff\xfe:', 'latin1').toString('base64')
    expect(prefixes.find((group) => group.prefix64 === prefix64)?.count).to.equal(1)
    expect((await groupsOf('prefix=%ff&by=%fe')).prefixes[0]!.count).to.equal(1)
  })

  it('counts only so many prefixes apart', async () => {
    await store(Array.from({ length: ADMIN_GROUP_COUNT_MAX + 10 }, (_, index) => `many/${index}/x`))
    const { prefixes, others } = await groupsOf('prefix=many/&by=/&limit=20000')
    expect(prefixes).to.have.length(ADMIN_GROUP_COUNT_MAX)
    expect(others.count).to.equal(10)
  })

  it('refuses what is no delimiter', async () => {
    for (const by of ['', 'ab', '%c3%a9'])
      expect(errorOf(await admin().send(`/v1/items?by=${by}`)), by).to.equal('by: give one byte, such as :')
  })
})
