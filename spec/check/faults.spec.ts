import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { CHECKS } from '../../lib/check/all-checks.js'
import type { Endpoint } from '../../lib/check/client/connection.js'
import { runAndTidy } from '../../lib/check/run/run-and-tidy.js'
import type { CheckResult } from '../../lib/check/run/run-checks.js'
import type { ServerFacts } from '../../lib/check/run/server-facts.js'
import { startMemcached } from '../support/memcached.js'
import { MEMCACHED, needs } from '../support/peers.js'
import { type ServerProcess, startServer, useProcess } from '../support/server.js'
import { BINARY_FAULTS, frameByFrame } from './binary-faults.js'
import { BrokenServer, type Cut, whole } from './broken-server.js'
import type { Fault } from './fault.js'
import { META_FAULTS, TEXT_FAULTS } from './line-faults.js'

/** A broken server may not answer: each check of it takes this long. */
const TIMEOUT_MS = 300
/** A sound server may be slow on a busy machine. */
const PATIENCE_MS = 10_000
const FACTS: ServerFacts = {
  version: '1.6.18',
  software: 'memcached',
  itemSizeMax: 1024 * 1024,
  asksForSasl: false,
}

const NEVER = new AbortController().signal

async function resultOf(name: string, port: number, timeoutMs = PATIENCE_MS): Promise<CheckResult> {
  const endpoint: Endpoint = {
    address: { host: '127.0.0.1', port },
    tls: undefined,
    timeoutMs,
    credentials: undefined,
  }
  const chosen = CHECKS.filter((check) => check.name === name)
  const prefix = `fault:${randomBytes(4).toString('hex')}:`
  for await (const result of runAndTidy(chosen, endpoint, prefix, FACTS, NEVER)) return result
  throw new Error(`no check is called ${name}`)
}

function catches(faults: readonly Fault[], cut: Cut, server: () => ServerProcess): void {
  // A server that has just started may be slow to answer the first request.
  before(async () => {
    await resultOf(faults[0]!.caughtBy, server().port)
  })

  for (const { what, caughtBy, tampering } of faults)
    it(`catches a server that ${what}, by ${caughtBy}`, async function () {
      this.slow(10_000)
      const broken = await BrokenServer.start(server(), cut, tampering)
      try {
        const [sound, result] = await Promise.all([
          resultOf(caughtBy, server().port),
          resultOf(caughtBy, broken.port, TIMEOUT_MS),
        ])
        expect(sound.outcome, 'of the server as it is').to.equal('passed')
        expect(result.outcome).to.equal('failed')
        expect(result.failure!.got).not.to.deep.equal(result.failure!.expected)
      } finally {
        broken.stop()
      }
    })
}

describe('check, of the binary protocol', () => {
  catches(BINARY_FAULTS, frameByFrame, useProcess(startServer))
})

describe('check, of text and meta', () => {
  needs(MEMCACHED)
  const server = useProcess(startMemcached)
  catches([...TEXT_FAULTS, ...META_FAULTS], whole, server)
})
