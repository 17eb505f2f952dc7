import { expect } from 'chai'
import type { Files } from '../../lib/journal/disk/files.js'
import { runningProcesses } from '../../lib/journal/disk/processes.js'

/** A process table with one process, number 7, in this state. */
function processesWith(state: string) {
  const stat = (pid: number, its: string) =>
    `${pid} (a (b) c) ${its} 1 7 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4711 0 0`
  const texts = new Map([
    ['/proc/self/stat', stat(process.pid, 'R')],
    [`/proc/${process.pid}/stat`, stat(process.pid, 'R')],
    ['/proc/7/stat', stat(7, state)],
  ])
  return runningProcesses({ readText: (path: string) => texts.get(path) } as Files)
}

describe('The owner of a data directory', () => {
  it('is identified by its process id and start time', () => {
    expect(processesWith('S').begunOf(7)).equal('4711')
  })

  it('is gone when no process has its id', () => {
    expect(processesWith('S').begunOf(8)).equal(undefined)
  })

  it('is gone when it is a zombie', () => {
    expect(processesWith('Z').begunOf(7)).equal(undefined)
  })

  it('is identified by its process id alone where start times are not known', () => {
    const { self, begunOf } = runningProcesses({ readText: () => undefined } as unknown as Files)
    expect(self).deep.equal({ pid: process.pid, begun: 'running' })
    expect(begunOf(process.pid)).equal('running')
    // Higher than the highest process id of Linux.
    expect(begunOf(2 ** 22 + 1)).equal(undefined)
  })

  it('is gone when it ends while it is examined', () => {
    const readText = (path: string) => {
      if (path !== '/proc/self/stat') throw new Error('ESRCH')
      return ''
    }
    expect(runningProcesses({ readText } as Files).begunOf(7)).equal(undefined)
  })
})
