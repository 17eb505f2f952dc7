import { expect } from 'chai'
import { Slices } from '../../lib/admin/slices.js'
import { useAdmin } from '../support/admin.js'

const KEY_COUNT = 1000

describe('Long work of the admin listener', () => {
  const { now } = performance
  const isOver = Object.getOwnPropertyDescriptor(Slices.prototype, 'isOver')!
  const admin = useAdmin({ workers: 1 })

  afterEach(() => {
    performance.now = now
    Object.defineProperty(Slices.prototype, 'isOver', isOver)
  })

  it('stops for clients after a quarter of a millisecond', async () => {
    let clockMs = 1000
    performance.now = () => clockMs
    const slices = new Slices()
    for (let round = 0; round < 2; round++) {
      clockMs += 0.24
      expect(slices.isOver).equal(false)
      clockMs += 0.02
      expect(slices.isOver).equal(true)
      await slices.pause()
      expect(slices.isOver).equal(false)
    }
  })

  it('looks at the time after each bucket of which items are listed', async () => {
    const connection = await admin().connect()
    const sets = Array.from({ length: KEY_COUNT }, (_, index) => `ms key:${index} 1 q\r\nx\r\n`)
    connection.send(Buffer.from(`${sets.join('')}mn\r\n`))
    await connection.receiveUntil(Buffer.from('MN\r\n'))
    connection.close()
    let lookCount = 0
    const countLooks = (): boolean => ++lookCount < 0
    Object.defineProperty(Slices.prototype, 'isOver', { get: countLooks, configurable: true })
    const { items } = JSON.parse((await admin().send(`/v1/items?limit=${KEY_COUNT}`)).text)
    expect(items.length).equal(KEY_COUNT)
    const { visits } = admin().server['worker'].store
    const buckets = new Set<number>()
    for (let bucket = 0; bucket < visits.bucketCount; bucket++)
      visits.visitBucket(bucket, () => buckets.add(bucket))
    expect(lookCount).least(buckets.size)
  })
})
