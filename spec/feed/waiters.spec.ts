import { expect } from 'chai'
import type { KeyWaiter } from '../../lib/feed/waiters.js'
import { PARKED_CONNECTION_COUNT_MAX } from '../../lib/request/limits.js'
import { Server } from '../../lib/server/server.js'
import { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { FeedDriver } from '../support/feed-driver.js'
import { line } from '../support/text-replies.js'

/** A waiter that resolves when it is woken. */
function waiterFor(
  key: string,
  deadlineMs = Number.POSITIVE_INFINITY,
): { waiter: KeyWaiter; woken: Promise<boolean> } {
  let wake!: (isTimeUp: boolean) => void
  const woken = new Promise<boolean>((resolve) => {
    wake = resolve
  })
  return { waiter: { key, deadlineMs, wake }, woken }
}

describe('Waiters for keys', () => {
  it('are woken by a change of their key, of any worker, and when their time is up', async () => {
    const kit = new FeedDriver({ workerCount: 2 })
    const other = waiterFor('other')
    kit.feed.wait(other.waiter)
    // The first one is woken at once, since nothing was read before.
    expect(await other.woken).equal(false)
    const [key, late, never] = [waiterFor('key'), waiterFor('late', performance.now()), waiterFor('never')]
    for (const { waiter } of [never, key, late]) kit.feed.wait(waiter)
    void never.woken.then(() => expect.fail('its key has not changed'))
    kit.drivers[1]!.set('key', Buffer.from('four'))
    expect(await key.woken).equal(false)
    expect(await late.woken).equal(true)
    kit.feed.endWaiting(never.waiter)
    kit.drivers[1]!.set('never', Buffer.from('four'))
    await new Promise((resolve) => setTimeout(resolve, 30))
    kit.close()
  })

  it('are woken although the last subscription ends before', async () => {
    const kit = new FeedDriver()
    const { waiter, woken } = waiterFor('key')
    kit.feed.wait(waiter)
    kit.subscribe().close()
    expect(await woken).equal(false)
    expect(kit.feed['live']).equal(undefined)
    kit.close()
  })

  it('have a bound', () => {
    const kit = new FeedDriver()
    const waiters = Array.from(
      { length: PARKED_CONNECTION_COUNT_MAX },
      (_, index) => waiterFor(`key:${index}`).waiter,
    )
    for (const waiter of waiters) kit.feed.wait(waiter)
    // The first one has been woken.
    expect(kit.feed.mayWait).equal(true)
    kit.feed.wait(waiterFor('last').waiter)
    expect(kit.feed.mayWait).equal(false)
    kit.feed.endWaiting(waiters.at(-1)!)
    kit.feed.endWaiting(waiters.at(-1)!)
    expect(kit.feed.mayWait).equal(true)
    for (const waiter of waiters) kit.feed.endWaiting(waiter)
    kit.close()
  })

  it('are forgotten with their connections', async () => {
    const server = await Server.start({ port: 0, memoryMegabytes: 8, changes: 1024 * 1024 })
    const waitingCount = async (): Promise<number> => server['worker'].feed!['waiters'].size
    const clients = await Promise.all(
      Array.from({ length: 10 }, () => Connection.open({ host: server.host, port: server.port })),
    )
    for (const client of clients) client.send(line('mw key c0 T60'))
    await eventually(10, waitingCount)
    for (const [index, client] of clients.entries()) {
      if (index % 2 === 0) client.reset()
      else client.close()
    }
    await eventually(0, waitingCount)
    await server.stop()
  })
})
