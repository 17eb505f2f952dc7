/** One item, while clients change it. */
import { expect } from 'chai'
import { compareItem } from '../../../lib/cli/copy/compare-item.js'
import { type CopiedItem, expiryOf, NEVER } from '../../../lib/cli/copy/copied-item.js'
import { copyItem } from '../../../lib/cli/copy/copy-item.js'
import type { Over, Target } from '../../../lib/cli/copy/source-and-target.js'

const KEY = Buffer.from('k')

/** A server with one item, that runs what a client does before a step. */
class OneItem implements Target {
  item: CopiedItem | undefined
  readonly steps: string[]
  private readonly name: string
  private readonly before: Map<string, () => void>

  constructor(name: string, steps: string[], before: Map<string, () => void>) {
    this.name = name
    this.steps = steps
    this.before = before
  }

  set(text: string, cas: bigint, ttl = NEVER, isStale = false): void {
    this.item = { value: Buffer.from(text), flags: 5, cas, ttl, isStale, askedMs: performance.now() }
  }

  get text(): string | undefined {
    return this.item && `${this.item.value}`
  }

  async read(): Promise<CopiedItem | undefined> {
    this.step('read')
    return this.item
  }

  async store(_key: Buffer, item: CopiedItem, over: Over): Promise<bigint | 'kept' | 'expired'> {
    this.step('store')
    if (item.ttl === 0) return 'expired'
    if (over === 'none' && this.item !== undefined) return 'kept'
    if (typeof over === 'bigint' && this.item?.cas !== over) return 'kept'
    this.set(`${item.value}`, BigInt(1000 + this.steps.length), item.ttl)
    return this.item!.cas
  }

  async remove(_key: Buffer, cas: bigint): Promise<void> {
    this.step('remove')
    if (this.item?.cas === cas) this.item = undefined
  }

  private step(verb: string): void {
    const count = this.steps.filter((step) => step === `${this.name} ${verb}`).length + 1
    this.steps.push(`${this.name} ${verb}`)
    this.before.get(`${this.name} ${verb} ${count}`)?.()
  }
}

function servers() {
  const steps: string[] = []
  const before = new Map<string, () => void>()
  const from = new OneItem('from', steps, before)
  const to = new OneItem('to', steps, before)
  from.set('old', 1n)
  const copy = async (replaces = false) => (await copyItem(KEY, from, to, { replaces, isDry: false })).outcome
  return { steps, before, from, to, copy }
}

describe('copying one item', () => {
  it('looks again whether FROM has changed', async () => {
    const { steps, to, copy } = servers()
    expect(await copy()).to.equal('copied')
    expect(to.text).to.equal('old')
    expect(steps).to.deep.equal(['from read', 'to store', 'from read'])
  })

  it('copies again what changes in FROM while it is copied', async () => {
    const { before, from, to, copy } = servers()
    before.set('to store 1', () => from.set('new', 2n))
    before.set('to store 2', () => from.set('newer', 3n))
    expect(await copy()).to.equal('copied')
    expect(to.text).to.equal('newer')
  })

  it('removes from TO what FROM loses while it is copied', async () => {
    const { before, from, to, copy } = servers()
    before.set('to store 1', () => {
      from.item = undefined
    })
    expect(await copy()).to.equal('gone')
    expect(to.text).to.equal(undefined)
  })

  it('leaves what a client stores in TO, at whatever moment', async () => {
    for (const replaces of [false, true])
      for (const moment of ['to store 1', 'to store 2', 'from read 2', 'from read 3']) {
        const { before, from, to, copy } = servers()
        before.set('from read 2', () => from.set('new', 2n))
        const other = before.get(moment)
        before.set(moment, () => {
          other?.()
          to.set('of the client', 7n)
        })
        await copy(replaces)
        expect(to.text, `${replaces} ${moment}`).to.equal('of the client')
      }
  })

  it('leaves what a client has stored in TO when FROM loses its item', async () => {
    const { before, from, to, copy } = servers()
    before.set('from read 2', () => {
      from.item = undefined
      to.set('of the client', 7n)
    })
    expect(await copy()).to.equal('gone')
    expect(to.text).to.equal('of the client')
  })

  it('keeps an item of TO, or overwrites it', async () => {
    for (const replaces of [false, true]) {
      const { to, copy } = servers()
      to.set('other', 7n)
      expect(await copy(replaces)).to.equal(replaces ? 'copied' : 'kept')
      expect(to.text).to.equal(replaces ? 'old' : 'other')
    }
  })

  it('looks at TO before it reads FROM: an item that is stored in both meanwhile is not overwritten', async () => {
    const { before, from, to, copy } = servers()
    to.set('old', 7n)
    before.set('to store 1', () => {
      from.set('new', 2n)
      to.set('new', 8n)
    })
    expect(await copy(true)).to.equal('kept')
    expect(to.text).to.equal('new')
  })

  it('does not copy a stale item', async () => {
    const { from, to, copy } = servers()
    from.set('old', 1n, NEVER, true)
    expect(await copy()).to.equal('stale')
    expect(to.text).to.equal(undefined)
  })

  it('gives up on an item that changes in each round', async () => {
    const { from, to } = servers()
    let cas = 1n
    const busy = { read: async () => ({ ...from.item!, cas: cas++ }) }
    const error = await copyItem(KEY, busy, to, { replaces: false, isDry: false }).catch((error) => error)
    expect(error.message).to.equal('it changes too often to be copied')
  })
})

describe('the expiry of a copied item', () => {
  const item = (ttl: number) => ({ value: KEY, flags: 0, cas: 1n, ttl, isStale: false, askedMs: 1000 })
  const at = (ttl: number, nowMs: number) => expiryOf(item(ttl), nowMs, 5_000_000_000)

  it('is what is left of it', () => {
    expect([at(60, 1000), at(60, 1999), at(60, 4500), at(NEVER, 4500)]).to.deep.equal([60, 60, 57, 0])
  })

  it('is none if nothing is left, as 0 would mean never', () => {
    expect([at(0, 1000), at(3, 4000), at(3, 3999)]).to.deep.equal([undefined, undefined, 1])
  })

  it('is an absolute time beyond 30 days', () => {
    const month = 30 * 24 * 3600
    expect([at(month, 1000), at(month + 1, 1000)]).to.deep.equal([month, 5_000_000 + month + 1])
  })

  it('is at most the last time of 31 bits, as memcached takes later ones for past ones', () => {
    expect([at(2 ** 31 - 5_000_001, 1000), at(3e9, 1000)]).to.deep.equal([2 ** 31 - 1, 2 ** 31 - 1])
  })
})

describe('comparing one item', () => {
  it('names what differs, and compares again what changes meanwhile', async () => {
    const { before, from, to } = servers()
    const compare = () => compareItem(KEY, from, to, 5)
    expect(await compare()).to.equal('missing')
    to.set('other', 7n)
    expect(await compare()).to.equal('value')
    to.set('old', 7n, 100)
    expect(await compare()).to.equal('ttl')
    to.set('old', 7n)
    to.item = { ...to.item!, flags: 6 }
    expect(await compare()).to.equal('flags')
    from.set('new', 2n, 100)
    const reads = from.steps.filter((step) => step === 'from read').length
    before.set(`from read ${reads + 2}`, () => from.set('newer', 3n, 104))
    to.set('newer', 8n, 100)
    expect(await compare()).to.equal('same')
  })
})
