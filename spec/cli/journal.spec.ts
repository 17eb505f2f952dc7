import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { diskFiles } from '../../lib/journal/disk/files.js'
import { journalName, snapshotName } from '../../lib/journal/format/file-header.js'
import { KeptStore } from '../support/kept-store.js'
import { MAIN } from '../support/program.js'

const KEYS = ['one', 'two', 'three', 'long']

describe('keepcached journal', function () {
  this.slow(2000)
  let directory = ''

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'keepcached-journal-'))
    const kept = await KeptStore.open(diskFiles, { directory })
    kept.setText('one', 'first')
    await kept.acknowledge()
    await kept.keeper.snapshot()
    kept.setText('long', 'x'.repeat(100_000))
    await kept.acknowledge()
    for (const key of ['two', 'three']) {
      kept.setText(key, `value of ${key}`)
      await kept.acknowledge()
    }
    await kept.journal.sync()
    await kept.keeper.leave()
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  const run = (...words: string[]): Promise<{ code: number; text: string }> =>
    new Promise((resolve) => {
      execFile(process.execPath, [MAIN, 'journal', ...words], (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, text: stdout + stderr })
      })
    })

  /** Changes one byte of a file. */
  const damage = (name: string, text: string): void => {
    const path = join(directory, name)
    const bytes = readFileSync(path)
    bytes[bytes.indexOf(text)]! ^= 1
    writeFileSync(path, bytes)
  }

  it('check reports what is there, and changes nothing', async () => {
    const before = readdirSync(directory)
    const { code, text } = await run('check', directory)
    expect(code).to.equal(0)
    expect(text).to.match(/^journal-0000000002-0000: \d+ bytes, \d+ records, 3 items, .*; whole\n/)
    expect(text).to.match(/snapshot-0000000002: \d+ bytes, 4 records, 1 items, .*; whole\n$/)
    expect(readdirSync(directory)).to.deep.equal(before)
  })

  it('dump prints the records', async () => {
    const { code, text } = await run('dump', directory)
    expect(code).to.equal(0)
    expect(text).to.match(/stored, version \d+, key "two", value 12 bytes\n/)
    expect(text).to.match(/stored, version \d+, key "long", value 100000 bytes\n/)
  })

  it('check finds damage, a server refuses it, and repair salvages the rest and keeps a copy', async () => {
    damage(journalName(2, 0), 'value of two')
    const { code, text } = await run('check', directory)
    expect(code).to.equal(1)
    expect(text).to.match(/journal-0000000002-0000: .*; damaged at byte \d+\n/)
    const offset = /damaged at byte (\d+)/.exec(text)![1]
    const options = { directory, pid: 2 }
    const refusal = await KeptStore.open(diskFiles, options).catch((error: Error) => error.message)
    expect(refusal).to.match(/journal-0000000002-0000 is damaged .*keepcached journal repair/)
    expect(refusal).to.include(`at byte ${offset};`)
    const repaired = await run('repair', directory)
    expect(repaired.code).to.equal(0)
    expect(repaired.text).to.match(
      new RegExp(`^\\S+: damaged at byte ${offset}; the new file has the \\d+ sound frames`),
    )
    expect(repaired.text).to.match(/the damaged file is kept as journal-0000000002-0000.1.damaged\n/)
    expect(readdirSync(directory)).to.include('journal-0000000002-0000.1.damaged')
    const kept = await KeptStore.open(diskFiles, options)
    expect([...kept.contents(KEYS).keys()]).to.deep.equal(['one', 'three', 'long'])
    await kept.keeper.leave()
  })

  it('repair salvages a long value only whole', async () => {
    damage(journalName(2, 0), 'xxxxxxxx')
    await run('repair', directory)
    const kept = await KeptStore.open(diskFiles, { directory, pid: 2 })
    expect([...kept.contents(KEYS).keys()]).to.deep.equal(['one', 'two', 'three'])
    await kept.keeper.leave()
  })

  it('repair makes a snapshot whole again', async () => {
    damage(snapshotName(2), 'first')
    expect((await run('check', directory)).code).to.equal(1)
    await run('repair', directory)
    expect((await run('check', directory)).code).to.equal(0)
    const kept = await KeptStore.open(diskFiles, { directory, pid: 2 })
    expect([...kept.contents(KEYS).keys()]).to.deep.equal(['two', 'three', 'long'])
    await kept.keeper.leave()
  })

  it('refuses wrong arguments', async () => {
    for (const words of [[], ['mend', directory], ['check'], ['check', directory, 'more']]) {
      const { code, text } = await run(...words)
      expect(code).to.equal(64)
      expect(text).to.match(/^keepcached: journal: /)
    }
    const { code, text } = await run('check', join(directory, 'nowhere'))
    expect(code).to.equal(66)
    expect(text).to.match(/^keepcached: journal: \S+nowhere cannot be used: no such file or directory\n$/)
    const empty = join(directory, 'empty')
    mkdirSync(empty)
    expect(await run('check', empty)).to.deep.equal({
      code: 66,
      text: `keepcached: journal: ${empty}: there are no files of keepcached\n`,
    })
  })
})
