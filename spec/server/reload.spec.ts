import { expect } from 'chai'
import { Server } from '../../lib/server/server.js'

describe('A server that is told to read its files again', () => {
  it('asks everybody who keeps what a file said, in their order and each time', async () => {
    await using server = await Server.start({ port: 0 })
    const asked: string[] = []
    server.onReload(() => asked.push('users'))
    server.onReload(() => asked.push('certificates'))
    expect(asked).to.deep.equal([])
    server.reload()
    server.reload()
    expect(asked).to.deep.equal(['users', 'certificates', 'users', 'certificates'])
  })

  it('goes on where one of them fails, and says so', async () => {
    await using server = await Server.start({ port: 0 })
    const asked: string[] = []
    server.onReload(() => {
      throw new Error('the file has gone')
    })
    server.onReload(() => asked.push('others'))
    const said = sayings(() => server.reload())
    expect(said).to.equal('keepcached: the file has gone\n')
    expect(asked).to.deep.equal(['others'])
  })

  /** What is written on standard error meanwhile. */
  function sayings(during: () => void): string {
    const { write } = process.stderr
    let said = ''
    process.stderr.write = (chunk: string | Uint8Array) => {
      said += chunk
      return true
    }
    try {
      during()
    } finally {
      process.stderr.write = write
    }
    return said
  }
})
