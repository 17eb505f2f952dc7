import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { Output } from '../../lib/arena/output.js'
import { type Window, WindowPool } from '../../lib/arena/window.js'

const WINDOW = 64

function setUp(windowCount: number) {
  const arena = Arena.create(WINDOW * windowCount + 1024 + 8192)
  const pool = new WindowPool(arena, WINDOW, windowCount)
  const value = arena.reserve(1024)
  for (let at = 0; at < 1024; at++) arena.bytes[value + at] = 0x61 + (at % 26)
  const output = new Output(pool)
  const write = (text: string) => {
    output.ensure(text.length)
    output.cursor += arena.bytes.write(text, output.cursor, 'latin1')
  }
  const text = () => Buffer.concat(output.views(arena)).toString('latin1')
  return { arena, pool, output, value, write, text }
}

describe('the output of a batch', () => {
  it('is one range while one window holds it', () => {
    const { arena, output, write } = setUp(2)
    write('hello ')
    write('world')
    expect(output.isOneStretch).equal(true)
    expect(output.byteLength).equal(11)
    expect(output.view(arena).toString()).equal('hello world')
  })

  it('continues in the next window when one is full', () => {
    const { output, write, text, pool } = setUp(4)
    const words = Array.from({ length: 12 }, (_, index) => `word ${index}, `)
    for (const word of words) write(word)
    expect(output.isOneStretch).equal(false)
    expect(output.byteLength).equal(words.join('').length)
    expect(text()).equal(words.join(''))
    const { takenCount } = pool
    output.clear()
    expect(pool.takenCount).equal(takenCount - 1)
  })

  it('copies what is longer than a window, and links values that must not be copied', () => {
    const { arena, output, value, write, text } = setUp(8)
    const letters = arena.bytes.toString('latin1', value, value + 300)
    write('a:')
    output.copy(arena, value, 300)
    write('b:')
    output.link(value, 100)
    write('c')
    expect(output.takeLinks()).deep.equal([value])
    expect(output.linkCount).equal(0)
    expect(text()).equal(`a:${letters}b:${letters.slice(0, 100)}c`)
  })

  it('does not change what it has handed over, and continues behind it and then in other windows', () => {
    const { arena, output, write, text, pool } = setUp(6)
    const { takenCount } = pool
    const held: Window[] = []
    const batches: Buffer[] = []
    for (let batch = 0; batch < 9; batch++) {
      write(`batch ${batch} of some`)
      batches.push(...output.views(arena))
      output.handOver(held)
    }
    write('next')
    expect(text()).equal('next')
    output.clear()
    write('again')
    expect(text()).equal('again')
    expect(batches.map(String).join()).equal(
      Array.from({ length: 9 }, (_, batch) => `batch ${batch} of some`).join(),
    )
    for (const window of held) pool.give(window)
    output.clear()
    expect(pool.takenCount).equal(takenCount)
  })

  it('reuses views for replies of the same length, also behind bytes that are still held', () => {
    const { arena, output, write } = setUp(4)
    const held: Window[] = []
    write('held')
    output.handOver(held)
    const views = ['one', 'two', 'six'].map((text) => {
      write(text)
      const view = output.view(arena)
      expect(view.toString()).equal(text)
      output.clear()
      return view
    })
    expect(views[2]).equal(views[1])
  })

  it('hands nothing over if no window would be left to continue in', () => {
    const { arena, output, write } = setUp(2)
    const held: Window[] = []
    for (let batch = 0; batch < 10; batch++) {
      write('12345678')
      const [view] = output.views(arena)
      output.handOver(held)
      if (output.isBroken) break
      expect(view!.toString()).equal('12345678')
    }
    expect(output.isBroken).equal(true)
    output.discard()
    write('12345678')
    expect(output.isBroken).equal(false)
    expect(held.map(({ start }) => arena.bytes.toString('latin1', start, start + 8))).deep.equal(['12345678'])
  })

  it('reports that no window is left, and writes nowhere else', () => {
    const { output, write, pool } = setUp(2)
    for (let index = 0; index < 40; index++) write('12345678')
    expect(output.isBroken).equal(true)
    expect(pool.takenCount).equal(2)
  })
})
