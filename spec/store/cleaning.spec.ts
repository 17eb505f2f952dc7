import { expect } from 'chai'
import { State } from '../../lib/store/segments.js'
import { EngineDriver } from '../support/engine-driver.js'
import { checkInvariants } from '../support/store-invariants.js'

const MEGABYTE = 1024 * 1024
const VALUE = Buffer.alloc(1000, 'v')

const sweptCount = ({ store: { segments } }: EngineDriver): number =>
  Array.from({ length: segments.count }, (_, segment) => segments.state(segment)).filter(
    (state) => state === State.SWEEPING,
  ).length

describe('A worker that hands its slot over', () => {
  it('leaves the segment that it was clearing to whoever chooses it next', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    for (let index = 0; sweptCount(driver) === 0; index++) driver.set(`key:${index}`, VALUE)
    driver.store.restoring.handOver()
    expect(sweptCount(driver)).equal(0)
    checkInvariants(driver.arena.words, driver.store)
    for (let index = 0; index < 20_000; index++) driver.set(`more:${index}`, VALUE)
    checkInvariants(driver.arena.words, driver.store)
  })

  it('changes nothing when it was clearing none', () => {
    const driver = new EngineDriver(MEGABYTE)
    driver.set('key', VALUE)
    const before = Buffer.from(driver.arena.bytes)
    driver.store.restoring.handOver()
    expect(before.equals(driver.arena.bytes)).equal(true)
  })
})
