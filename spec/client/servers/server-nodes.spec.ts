import { expect } from 'chai'
import { parseServer, type ServerGiven } from '../../../lib/client/servers/server-address.js'
import { ServerNodes } from '../../../lib/client/servers/server-nodes.js'

interface Node {
  readonly name: string
  readonly number: number
}

class Kit {
  readonly retired: Node[] = []
  private created = 0
  readonly nodes = new ServerNodes<Node>(
    ({ name }) => ({ name, number: this.created++ }),
    (node) => this.retired.push(node),
  )

  update(...given: ServerGiven[]): this {
    this.nodes.update(given.map(parseServer))
    return this
  }

  get list(): string[] {
    return this.nodes.nodes.map(({ name, number }) => `${name} ${number}`)
  }
}

describe('What belongs to servers', () => {
  it('is in the order of the list', () => {
    expect(new Kit().update('b', 'a').list).deep.equal(['b:11211 0', 'a:11211 1'])
  })

  it('stays with the servers that stay, at whatever place and weight', () => {
    const kit = new Kit().update('a', 'b', 'c')
    kit.update('d', { address: 'c', weight: 9 }, 'a')
    expect(kit.list).deep.equal(['d:11211 3', 'c:11211 2', 'a:11211 0'])
  })

  it('is retired with the servers that leave, once', () => {
    const kit = new Kit().update('a', 'b', 'c').update('a').update('a')
    expect(kit.retired.map(({ name }) => name)).deep.equal(['b:11211', 'c:11211'])
    kit.update('b')
    expect(kit.list).deep.equal(['b:11211 3'])
    expect(kit.retired.map(({ name }) => name)).deep.equal(['b:11211', 'c:11211', 'a:11211'])
  })

  it('is one for a server that is given twice, and is not lost', () => {
    const kit = new Kit().update('a', 'b', 'a')
    expect(kit.list).deep.equal(['a:11211 0', 'b:11211 1', 'a:11211 0'])
    expect(kit.update('b', 'b').list).deep.equal(['b:11211 1', 'b:11211 1'])
    expect(kit.update('c').retired.map(({ number }) => number)).deep.equal([0, 1])
  })

  for (const other of ['memcacheds://a', 'memcached://user:password@a'])
    it(`is made anew if the server is reached in another way: ${other}`, () => {
      const kit = new Kit().update('a').update(other)
      expect(kit.list).deep.equal(['a:11211 1'])
      expect(kit.retired.map(({ number }) => number)).deep.equal([0])
    })
})
