import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { COUNTING_OPTIONS } from '../../support/heap-growth.js'
import { useServer } from '../../support/server.js'

const PROGRAM = fileURLToPath(new URL('./get-loop.js', import.meta.url))
/** A record for each call would have more than 250 bytes. */
const BYTES_MAX = 100

describe('A get takes next to nothing from the heap but its promise and its result', () => {
  const server = useServer()

  for (const protocol of ['meta', 'binary', 'text'])
    it(`over ${protocol}`, async () => {
      // Counting for coverage would be counted as well.
      const { NODE_V8_COVERAGE: _, ...env } = process.env
      const options = ['--expose-gc', ...COUNTING_OPTIONS, PROGRAM, `${server().port}`, protocol]
      const { stdout } = await promisify(execFile)(process.execPath, options, { env })
      expect(Number(stdout)).within(-BYTES_MAX, BYTES_MAX)
    })
})
