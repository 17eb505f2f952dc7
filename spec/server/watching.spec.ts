import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { EventType } from '../../lib/watch/event.js'
import { eventually } from '../support/eventually.js'
import { UnsafeJournal } from '../support/unsafe-journal.js'
import { WireByHand } from '../support/wire-by-hand.js'
import { createWorkerKit } from '../support/worker-kit.js'

const MEGABYTE = 1024 * 1024
const CHANGE = 'set key 0 0 1\r\nx\r\n'

function open() {
  const kit = createWorkerKit({ memoryLength: MEGABYTE, protocol: 'ascii' })
  const [watcher, other] = [new WireByHand(kit.worker, 1), new WireByHand(kit.worker, 2)]
  let text = ''
  /** Waits until the watcher was sent a text that contains this. */
  const hears = async (part: string): Promise<void> => {
    const isHeard = async (): Promise<boolean> => {
      text += watcher.text
      return text.includes(part)
    }
    expect(await eventually(true, isHeard), text).to.equal(true)
  }
  return { kit, watcher, other, hears, heard: () => text }
}

describe('A connection that watches', () => {
  it('is sent lines after the replies to its earlier requests', async () => {
    const { watcher, other, hears, heard } = open()
    watcher.receive('version\r\nwatch fetchers\r\n')
    other.receive('get key\r\n')
    await hears('key=key')
    expect(heard()).to.match(/^VERSION 1.6.45\r\nOK\r\n.*type=item_get key=key/)
  })

  it('is sent none before those replies, even if they wait for the journal', async () => {
    const { kit, watcher, other, hears, heard } = open()
    const journal = new UnsafeJournal(kit.store)
    kit.data.journal = journal
    watcher.receive(`${CHANGE}watch fetchers\r\n`)
    other.receive('get key\r\n')
    for (let turn = 0; turn < 200; turn++) await nextTurn()
    other.receive('get second\r\n')
    for (let turn = 0; turn < 200; turn++) await nextTurn()
    expect(watcher.text).to.equal('')
    journal.isSynced = true
    for (const waiter of journal.waiting.splice(0)) waiter.committed(true)
    await hears('key=second')
    expect(heard()).to.match(/^STORED\r\nOK\r\n.*type=item_get key=key .*\n.*key=second/)
    other.receive('get later\r\n')
    await hears('key=later')
  })

  it('is sent nothing while its socket is full, and the rest afterwards', async () => {
    const { watcher, other, hears } = open()
    watcher.receive('watch fetchers\r\n')
    watcher.isFull = true
    other.receive('get first\r\n')
    await hears('key=first')
    other.receive('get second\r\n')
    for (let turn = 0; turn < 200; turn++) await nextTurn()
    expect(watcher.text).to.equal('')
    watcher.drain()
    await hears('key=second')
  })

  it('has events recorded as long as it is connected', () => {
    const { kit, watcher } = open()
    const { events } = kit.worker.watchers
    const isWanted = (): boolean => {
      events.refresh()
      return events.isWanted(EventType.ITEM_GET)
    }
    expect(isWanted()).to.equal(false)
    watcher.receive('watch fetchers\r\n')
    expect(isWanted()).to.equal(true)
    watcher.connection.closed()
    expect(isWanted()).to.equal(false)
  })

  it('gets each line once it is complete, and replies do not change', async () => {
    const { watcher, other, hears, heard } = open()
    watcher.receive('watch rawcmds\r\n')
    other.receive('get ha')
    other.receive('lf a b\r\nset key 0 0 5\r\nva')
    other.receive('lue\r\nget key\r\n')
    expect(other.text).to.equal('END\r\nSTORED\r\nVALUE key 0 5\r\nvalue\r\nEND\r\n')
    await hears('get key')
    const lines = heard().match(/<\d+ .*/g)
    expect(lines).to.deep.equal(['<2 get half a b', '<2 set key 0 0 5', '<2 get key'])
  })
})
