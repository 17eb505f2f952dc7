import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { Left } from './reconnect-loop.js'

const PROGRAM = fileURLToPath(new URL('./reconnect-loop.js', import.meta.url))
const CONNECTION_COUNT = 10_000
/** Those of standard output and error, and the server's. */
const OWN_PIPES = new Set(['PipeServerWrap', 'PipeWrap'])
/** A record of a connection has more than 100 bytes; compiled code comes and goes. */
const GROWTH_MAX = 64 * CONNECTION_COUNT

describe('A client that has connected 10,000 times', () => {
  let left: Left
  before(function () {
    this.timeout(120_000)
    this.slow(20_000)
    // Counting for coverage would be counted as well.
    const { NODE_V8_COVERAGE: _, ...environment } = process.env
    const said = execFileSync(process.execPath, ['--expose-gc', PROGRAM, `${CONNECTION_COUNT}`], {
      env: environment,
      encoding: 'utf8',
    })
    left = JSON.parse(said) as Left
    expect(left.connectionCount).at.least(CONNECTION_COUNT)
  })

  it('leaves no socket and no timer when it is closed', () => {
    expect(left.resources).deep.equal({})
    expect(left.active.filter((name) => !OWN_PIPES.has(name))).deep.equal([])
  })

  it('has kept no memory', () => {
    expect(left.heapGrowth).below(GROWTH_MAX)
    expect(left.bufferGrowth).below(GROWTH_MAX)
  })
})
