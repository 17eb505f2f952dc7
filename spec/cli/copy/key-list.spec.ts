/** The file with the keys of a copy, and the flight over it. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Flight } from '../../../lib/cli/copy/flight.js'
import { KeyList, type ListedKey } from '../../../lib/cli/copy/key-list.js'

describe('the list of keys', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-list-'))
  let path = ''
  let number = 0
  beforeEach(() => {
    path = join(folder, `list-${++number}`)
  })
  after(() => rmSync(folder, { recursive: true }))

  async function namesOf(list: KeyList): Promise<string[]> {
    const names: string[] = []
    for await (const { name } of list.keys()) names.push(name)
    return names
  }

  async function filled(count: number): Promise<KeyList> {
    const list = await KeyList.kept(path, 'a copy')
    for (let index = 0; index < count; index++) await list.add(`key-${index}`, index)
    await list.complete()
    return list
  }

  it('returns its keys and sizes in order, also those that lie across two reads', async () => {
    const list = await filled(20_000)
    let index = 0
    for await (const { name, size } of list.keys()) {
      expect([name, size]).to.deep.equal([`key-${index}`, index])
      index++
    }
    expect([index, list.totalCount]).to.deep.equal([20_000, 20_000])
    await list.close(true)
    expect(() => readFileSync(path)).to.throw('ENOENT')
  })

  it('continues behind the keys that are done', async () => {
    const first = await filled(5)
    const places: number[] = []
    for await (const { place } of first.keys()) places.push(place)
    await first.saveProgress(places[3], 3)
    await first.close(false)
    const second = await KeyList.kept(path, 'a copy')
    expect([second.isComplete, second.doneCount, second.totalCount]).to.deep.equal([true, 3, 5])
    expect(await namesOf(second)).to.deep.equal(['key-3', 'key-4'])
    await second.saveProgress(undefined, 5)
    await second.close(false)
    const third = await KeyList.kept(path, 'a copy')
    expect(await namesOf(third)).to.deep.equal([])
    await third.close(true)
  })

  it('begins anew if it was interrupted before it was complete', async () => {
    const list = await KeyList.kept(path, 'a copy')
    for (let index = 0; index < 10_000; index++) await list.add(`key-${index}`, 1)
    await list.close(false)
    expect(statSync(path).size).to.be.greaterThan(64 * 1024)
    const next = await KeyList.kept(path, 'a copy')
    expect([next.isComplete, next.totalCount]).to.deep.equal([false, 0])
    await next.close(true)
  })

  it('refuses the file of another copy, and any other file', async () => {
    await (await filled(1)).close(false)
    const other = await KeyList.kept(path, 'another copy').catch((error) => error)
    expect([other.exitCode, other.message]).to.deep.equal([
      66,
      `--resume: ${path} belongs to another copy, or is no such file`,
    ])
    writeFileSync(path, 'a letter to somebody')
    expect((await KeyList.kept(path, 'a copy').catch((error) => error)).exitCode).to.equal(66)
    expect(readFileSync(path, 'utf8')).to.equal('a letter to somebody')
  })

  it('can be read by its owner alone', async () => {
    await (await filled(1)).close(false)
    expect(statSync(path).mode & 0o777).to.equal(0o600)
  })

  describe('in flight', () => {
    const never = new AbortController().signal

    it('has no more keys and bytes under way than allowed, and one key of any size', async () => {
      const list = await KeyList.kept(path, 'a copy')
      const sizes = [...Array.from({ length: 40 }, () => 1024 * 1024), 30 * 1024 * 1024, 1, 1, 1, 1, 1, 1]
      for (const [index, size] of sizes.entries()) await list.add(`key-${index}`, size)
      await list.complete()
      let count = 0
      let length = 0
      let most = 0
      const handled: string[] = []
      const handle = async ({ name, size }: ListedKey): Promise<void> => {
        count++
        length += size
        most = Math.max(most, count)
        expect(length <= 16 * 1024 * 1024 || count === 1, name).to.equal(true)
        await new Promise((resolve) => setImmediate(resolve))
        await new Promise((resolve) => setImmediate(resolve))
        count--
        length -= size
        handled.push(name)
      }
      const flight = new Flight(list, { countMax: 4, rate: undefined, ending: never })
      expect(await flight.run(handle)).to.equal(true)
      expect([handled.length, most, flight.doneCount]).to.deep.equal([sizes.length, 4, sizes.length])
      await list.close(true)
    })

    it('resumes at the first key that failed, and ends', async () => {
      const list = await filled(100)
      const flight = new Flight(list, { countMax: 8, rate: undefined, ending: never })
      const handle = async ({ name }: ListedKey): Promise<void> => {
        await new Promise((resolve) => setImmediate(resolve))
        if (name === 'key-50' || name === 'key-52') throw new Error(name)
      }
      const error = await flight.run(handle).catch((error) => error)
      expect(error.message).to.equal('key-50')
      expect((await namesOf(list))[0]).to.equal('key-50')
      await list.close(true)
    })

    it('ends with a signal once the keys under way are done, and resumes at the next one', async () => {
      const list = await filled(100)
      const controller = new AbortController()
      const handled: string[] = []
      const handle = async ({ name }: ListedKey): Promise<void> => {
        await new Promise((resolve) => setImmediate(resolve))
        handled.push(name)
        if (name === 'key-20') controller.abort()
      }
      const flight = new Flight(list, { countMax: 8, rate: undefined, ending: controller.signal })
      expect(await flight.run(handle)).to.equal(false)
      const left = await namesOf(list)
      expect(handled.length).to.be.within(21, 40)
      expect([...handled, ...left]).to.deep.equal(Array.from({ length: 100 }, (_, index) => `key-${index}`))
      await list.close(true)
    })
  })
})
