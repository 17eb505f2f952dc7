import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { type ProfileServer, serveProfiles } from '../../lib/profiling/index.js'
import { useAdmin } from '../support/admin.js'
import { runTool } from '../support/tool.js'

describe('keepcached profile', () => {
  const admin = useAdmin({ hasToken: true, workers: 2 })
  let profiles: ProfileServer
  before(async () => {
    profiles = await serveProfiles()
  })
  after(() => profiles.close())
  const ofServer = (...words: string[]) =>
    runTool(['profile', `127.0.0.1:${admin().port}`, '--token-file', admin().tokenFile, ...words])

  it('writes a CPU profile of a worker to standard output', async () => {
    const { code, out, complaints } = await ofServer('--seconds', '1', '--worker', '1')
    expect([code, complaints]).to.deep.equal([0, []])
    expect(JSON.parse(out)).to.include.keys('nodes', 'samples', 'timeDeltas')
  })

  it('writes a heap snapshot of a program', async () => {
    const { code, out, complaints } = await runTool(['profile', `127.0.0.1:${profiles.port}`, '--heap'])
    expect([code, complaints]).to.deep.equal([0, []])
    expect(JSON.parse(out)).to.include.keys('snapshot', 'nodes', 'edges')
  })

  it('passes on what the server refuses', async () => {
    const wrong = join(admin().tokenFile, '..', 'wrong-token')
    writeFileSync(wrong, 'another-token-of-the-specs')
    const strange = join(admin().tokenFile, '..', 'strange-token')
    writeFileSync(strange, 'a-token-with-a-snowman-☃')
    const address = `127.0.0.1:${admin().port}`
    for (const [words, code, sentence] of [
      [[address], 77, 'the server refuses: Authorization: Bearer and the token of --admin-token is required'],
      [[address, '--token-file', wrong], 77, /^the server refuses: Authorization/],
      [[address, '--token-file', `${wrong}er`], 66, /^--token-file: .* cannot be used: no such file/],
      [
        [address, '--token-file', strange],
        66,
        /^--token-file: .* cannot be used: its first line is no token/,
      ],
      [[`127.0.0.1:${profiles.port}`, '--seconds', '301'], 76, /: seconds: give a number from 1 to 300$/],
      [['127.0.0.1:1'], 69, /^127\.0\.0\.1:1: .*ECONNREFUSED/],
      [['/run/admin.sock'], 64, 'profile: an address is HOST:PORT'],
      [[address, '--heap', '--seconds', '1'], 64, /exclude each other$/],
    ] as const) {
      const { complaints, ...rest } = await runTool(['profile', ...words])
      expect({ code: rest.code, out: rest.out }, words.join(' ')).to.deep.equal({ code, out: '' })
      expect(complaints).to.have.length(1)
      expect(complaints[0]).to.match(typeof sentence === 'string' ? new RegExp(`^${sentence}$`) : sentence)
    }
  })

  it('fails if the server ends in the middle', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('{', () => response.destroy())
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { code, complaints } = await runTool(['profile', `127.0.0.1:${port}`])
    server.close()
    expect(code).to.equal(69)
    expect(complaints[0]).to.match(/the connection was closed too early$/)
  })
})
