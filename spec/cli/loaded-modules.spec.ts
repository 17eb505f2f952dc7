/** What a server loads that has no options: nothing of the rooms that are for others. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { COMPILED_PROGRAM } from '../support/program.js'
import { type ServerOptions, startServer } from '../support/server.js'

interface Coverage {
  readonly result: readonly { readonly url: string }[]
}

describe('the modules of a server', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keepcached-loaded-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** The rooms of lib from which it had loaded a module when it ended: Node writes a list of all its scripts. */
  async function loadedRooms(options: readonly string[]): Promise<Set<string>> {
    const given: ServerOptions = {
      options,
      command: COMPILED_PROGRAM,
      environment: { NODE_V8_COVERAGE: folder },
    }
    const server = await startServer(given)
    const connection = await server.connect()
    connection.send(Buffer.from('set a 0 0 1\r\nb\r\nget a\r\n'))
    await connection.receiveUntil(Buffer.from('END\r\n'))
    connection.close()
    await server.stop()
    const rooms = new Set<string>()
    for (const name of readdirSync(folder)) {
      const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Coverage
      for (const { url } of result) {
        const room = /\/dist\/lib\/(?:([^/]+)\/)?/.exec(url)?.[1]
        if (room !== undefined) rooms.add(room)
      }
    }
    return rooms
  }

  it('are not those of test servers, the admin listener, clients or checks', async () => {
    const rooms = await loadedRooms([])
    expect([...rooms]).to.include.members(['arena', 'store', 'protocol', 'server'])
    for (const room of ['testing', 'admin', 'client', 'net', 'check']) expect([...rooms]).to.not.include(room)
  })

  it('are loaded when an option needs them', async () => {
    expect([...(await loadedRooms(['--admin', '127.0.0.1:0']))]).to.include('admin')
  })
})
