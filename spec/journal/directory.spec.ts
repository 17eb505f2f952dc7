import { expect } from 'chai'
import { assertCanGoOn, inspect } from '../../lib/journal/directory/directory.js'
import { journalName, snapshotName } from '../../lib/journal/format/file-header.js'
import { DIRECTORY } from '../support/kept-store.js'
import { MemoryDisk } from '../support/memory-disk.js'

function diskWith(...names: string[]): MemoryDisk {
  const disk = new MemoryDisk()
  disk.makeDirectory(DIRECTORY)
  for (const name of names) disk.put(`${DIRECTORY}/${name}`, Buffer.alloc(0))
  return disk
}

/** The names in each part of the listing. */
function found(...names: string[]) {
  const { snapshot, chains, leftovers, nextGeneration } = inspect(diskWith(...names), DIRECTORY)
  return {
    snapshot: snapshot?.name,
    chains: chains.map((chain) => chain.map(({ name }) => name)),
    leftovers: [...leftovers].sort(),
    nextGeneration,
  }
}

describe('A data directory', () => {
  it('that is empty starts with the first generation', () => {
    expect(found()).to.deep.equal({ snapshot: undefined, chains: [], leftovers: [], nextGeneration: 1 })
  })

  it('has the journals of each worker in the order of their generations', () => {
    const names = [
      journalName(2, 1),
      journalName(10, 0),
      journalName(1, 0),
      journalName(2, 0),
      journalName(1, 1),
    ]
    expect(found(...names)).to.deep.equal({
      snapshot: undefined,
      chains: [
        [journalName(2, 1), journalName(1, 1)].reverse(),
        [journalName(1, 0), journalName(2, 0), journalName(10, 0)],
      ],
      leftovers: [],
      nextGeneration: 11,
    })
  })

  it('is read from its newest snapshot: older and unfinished files are not needed', () => {
    const older = [journalName(2, 0), snapshotName(1), journalName(1, 0), snapshotName(2)]
    const unfinished = [`${snapshotName(4)}.new`, `${journalName(9, 0)}.new`]
    const needed = [journalName(3, 0), journalName(4, 0)]
    expect(found(...older, ...unfinished, snapshotName(3), ...needed)).to.deep.equal({
      snapshot: snapshotName(3),
      chains: [needed],
      leftovers: [...older, ...unfinished].sort(),
      nextGeneration: 5,
    })
    expect(found(snapshotName(7))).to.deep.include({
      snapshot: snapshotName(7),
      chains: [],
      nextGeneration: 8,
    })
  })

  it('may hold what file systems, locks, repairs and the spare leave there, and no other files', () => {
    const ignored = ['lost+found', 'lock', 'lock.socket', 'spare', `${journalName(1, 0)}.1.damaged`]
    expect(found(...ignored)).to.deep.include({ chains: [], leftovers: [], nextGeneration: 1 })
    for (const name of ['notes', 'notes.new'])
      expect(() => found(journalName(1, 0), name)).to.throw(`notes is not a file of keepcached`)
  })

  it('is refused if the snapshot before its journals is missing', () => {
    const sentence = `${DIRECTORY}: the snapshot before the journals of generation 2 is missing`
    expect(() => found(journalName(3, 0), journalName(2, 0))).to.throw(sentence)
    expect(found(journalName(1, 1), journalName(3, 0)).nextGeneration).to.equal(4)
  })
})

describe('A data directory that disappeared and is back', () => {
  it('is used again if no other server uses it, and if it is empty when it was replaced', () => {
    const names = [snapshotName(3), journalName(4, 0), 'lost+found']
    assertCanGoOn(diskWith(...names), DIRECTORY, 4, true)
    assertCanGoOn(diskWith('lost+found', 'lock'), DIRECTORY, 0, false)
    assertCanGoOn(diskWith(`${journalName(4, 0)}.new`, `${snapshotName(4)}.new`), DIRECTORY, 3, false)
    const going = (generation: number, isKnown: boolean) => () =>
      assertCanGoOn(diskWith(...names), DIRECTORY, generation, isKnown)
    expect(going(3, true)).to.throw(`${DIRECTORY}: another server has gone on in it, up to generation 4`)
    expect(going(9, false)).to.throw(`${DIRECTORY}: another directory is in its place, with files`)
    expect(() => assertCanGoOn(diskWith('notes.new'), DIRECTORY, 9, false)).to.throw('with files')
  })
})
