import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import { MEMCCAPABLE, needs } from '../support/peers.js'
import { useServer } from '../support/server.js'

/** How many checks it has, of both protocols. */
const CHECK_COUNT = 54

describe('memccapable', () => {
  needs(MEMCCAPABLE)
  const server = useServer()

  it('passes every check', async function () {
    this.slow(10_000)
    const child = spawn('memccapable', ['-h', '127.0.0.1', '-p', `${server().port}`])
    let said = ''
    child.stdout.on('data', (chunk) => {
      said += chunk
    })
    const [code] = await once(child, 'close')
    const lines = said.split('\n')
    expect(lines.filter((line) => /^(binary|ascii)/.test(line) && !line.endsWith('[pass]'))).to.deep.equal([])
    expect(lines.filter((line) => line.endsWith('[pass]')).length).to.equal(CHECK_COUNT)
    expect(code).to.equal(0)
  })
})
