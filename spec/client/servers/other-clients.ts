/** What clients of other languages choose. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { pythonWith } from '../../support/peers.js'

/** It stands beside this file's source. */
const SCRIPT = fileURLToPath(new URL('../../../../spec/client/servers/chosen-by-clients.py', import.meta.url))

export interface Asked {
  readonly client: 'pylibmc' | 'memcache'
  /** `host:port:weight`, or a path. */
  readonly servers: readonly string[]
  readonly keys: readonly string[]
  readonly behaviors?: Readonly<Record<string, unknown>>
  /** Whether the keys are also stored in the servers. */
  readonly stored?: boolean
}

/** Returns the index of the server of each key. */
export async function chosenBy(asked: Asked): Promise<readonly number[]> {
  const script = spawn(pythonWith(asked.client) ?? 'python3', [SCRIPT], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  script.stdin.end(JSON.stringify({ behaviors: {}, stored: false, ...asked }))
  const printed = await text(script.stdout)
  return printed.trimEnd().split('\n').map(Number)
}
