import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createNode } from 'memcache'
import { useServer } from '../support/server.js'

/** Version 1.10 always logs in, and speaks binary afterwards only if told so for each connection. */
describe('memcache of npm with SASL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-npm-memcache-'))
  const accounts = join(folder, 'accounts')
  writeFileSync(accounts, 'user:secret\n')
  after(() => rmSync(folder, { recursive: true }))
  const server = useServer({ options: ['-S'], environment: { MEMCACHED_SASL_PWDB: accounts } })
  const nodeWith = (password: string) =>
    createNode('127.0.0.1', server().port, { sasl: { username: 'user', password } })

  it('runs all its commands, once it is logged in', async () => {
    const node = nodeWith('secret')
    await node.connect()
    expect(await node.binaryFlush()).to.equal(true)
    expect(await node.binaryGet('key')).to.equal(undefined)
    expect(await node.binarySet('key', 'value', 100, 7)).to.equal(true)
    expect(await node.binaryAdd('key', 'other')).to.equal(false)
    expect(await node.binaryReplace('key', 'b')).to.equal(true)
    expect(await node.binaryAppend('key', 'c')).to.equal(true)
    expect(await node.binaryPrepend('key', 'a')).to.equal(true)
    expect(await node.binaryGet('key')).to.equal('abc')
    expect(await node.binaryTouch('key', 100)).to.equal(true)
    expect(await node.binaryTouch('none', 100)).to.equal(false)
    expect(await node.binaryIncr('number', 5, 10)).to.equal(10)
    expect(await node.binaryIncr('number', 5)).to.equal(15)
    expect(await node.binaryDecr('number', 20)).to.equal(0)
    expect(await node.binaryDelete('key')).to.equal(true)
    expect(await node.binaryGet('key')).to.equal(undefined)
    expect(await node.binaryVersion()).to.match(/^\d+\.\d+\.\d+$/)
    expect(await node.binaryStats()).to.include({ auth_cmds: '1', auth_errors: '0' })
    await node.binaryQuit()
  })

  it('is refused with a wrong password', async () => {
    const node = nodeWith('wrong')
    const refusal = await node.connect().catch((error: Error) => error.message)
    expect(refusal).to.equal('SASL authentication failed: Auth failure.')
  })
})
