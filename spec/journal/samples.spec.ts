import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { FORMAT } from '../../lib/journal/format/format.js'
import { DIRECTORY, KeptStore } from '../support/kept-store.js'
import { MemoryDisk } from '../support/memory-disk.js'

/**
 * Directories that earlier versions wrote, in the source tree. A change of the format adds one; none is ever
 * changed. Each was left by a killed server with two threads, on its second start: a snapshot, then journals.
 */
const SAMPLES = fileURLToPath(new URL('../../../spec/journal/samples/', import.meta.url))

function diskWith(sample: string): MemoryDisk {
  const disk = new MemoryDisk()
  for (const name of readdirSync(join(SAMPLES, sample)))
    disk.put(`${DIRECTORY}/${name}`, readFileSync(join(SAMPLES, sample, name)))
  return disk
}

const KEYS = ['plain', 'gone', 'long', 'count', 'meta', 'late', 'other', 'flags', 'dropped:1', 'dropped:2']

describe('A directory of an earlier version', () => {
  it('exists for each format', () => {
    const formats = Array.from({ length: FORMAT }, (_, index) => `format-${index + 1}`)
    expect(readdirSync(SAMPLES)).to.have.members(formats)
  })

  for (const sample of readdirSync(SAMPLES)) {
    it(`is read: ${sample}`, async () => {
      const kept = await KeptStore.open(diskWith(sample), { memoryLength: 8 * 1024 * 1024, workerCount: 2 })
      expect(Object.fromEntries(kept.contents(KEYS))).to.deep.equal({
        plain: 'value!',
        long: '0123456789'.repeat(2000),
        count: '42',
        meta: 'hi',
        late: 'abcde'.repeat(1000),
        other: 'worker',
        flags: 'expires',
      })
      expect(kept.driver.get('flags')?.clientFlags).to.equal(7)
      expect(kept.driver.get('meta')?.cas).to.equal(1234567890123)
      kept.driver.advance(2_140_000_000 - kept.driver.clock.now)
      expect(kept.text('flags')).to.equal(undefined)
      expect(kept.text('plain')).to.equal('value!')
    })
  }
})
