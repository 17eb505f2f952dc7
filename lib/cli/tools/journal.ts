import { DirectoryLock } from '../../journal/directory/directory-lock.js'
import { diskFiles } from '../../journal/disk/files.js'
import { runningProcesses } from '../../journal/disk/processes.js'
import { isSystemError, reasonOf } from '../../journal/disk/system-error.js'
import { check } from '../../journal/tools/check.js'
import { dump } from '../../journal/tools/dump.js'
import { repair } from '../../journal/tools/repair.js'
import { Refusal } from '../arguments/refusal.js'
import type { Io, Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'

export const journal: Run = async (given, io) => {
  const [name = '', directory = ''] = given.operands
  const task = TASKS.get(name)
  if (task === undefined) throw new Refusal(ExitCode.USAGE, `journal: ${name}: it can check, dump and repair`)
  try {
    return await task(directory, io)
  } catch (error) {
    const sentence = isSystemError(error)
      ? `${error.path ?? directory} cannot be used: ${reasonOf(error)}`
      : (error as Error).message
    throw new Refusal(ExitCode.NO_INPUT, `journal: ${sentence}`)
  }
}

type Task = (directory: string, io: Io) => Promise<ExitCode>

const TASKS: ReadonlyMap<string, Task> = new Map([
  ['check', checkDirectory],
  ['dump', dumpDirectory],
  ['repair', repairDirectory],
])

async function checkDirectory(directory: string, io: Io): Promise<ExitCode> {
  const reports = check(diskFiles, directory)
  for (const { name, length, recordCount, itemCount, versionMax, ending } of reports) {
    const counts = `${length} bytes, ${recordCount} records, ${itemCount} items, versions up to ${versionMax}`
    const place = ending.kind === 'whole' ? '' : ` at byte ${ending.offset}`
    await io.write(`${name}: ${counts}; ${ENDINGS[ending.kind]}${place}\n`)
  }
  // A wrong path must not pass for a good directory.
  if (reports.length === 0)
    throw new Refusal(ExitCode.NO_INPUT, `${directory}: there are no files of keepcached`)
  return reports.some(({ ending }) => ending.kind === 'damaged') ? ExitCode.NO : ExitCode.OK
}

const ENDINGS = {
  whole: 'whole',
  torn: 'the last write was never finished, and will be cut off',
  damaged: 'damaged',
} as const

async function dumpDirectory(directory: string, io: Io): Promise<ExitCode> {
  for (const line of dump(diskFiles, directory)) await io.write(`${line}\n`)
  return ExitCode.OK
}

async function repairDirectory(directory: string, io: Io): Promise<ExitCode> {
  const processes = runningProcesses(diskFiles)
  const lock = await DirectoryLock.take({ files: diskFiles, directory, processes })
  try {
    const repairs = await repair(diskFiles, directory)
    for (const { name, offset, copy, frameCount, byteLength } of repairs) {
      const sound = `the new file has the ${frameCount} sound frames, in ${byteLength} bytes`
      await io.write(`${name}: damaged at byte ${offset}; ${sound}; the damaged file is kept as ${copy}\n`)
    }
    if (repairs.length === 0) await io.write('nothing is damaged\n')
    return ExitCode.OK
  } finally {
    await lock.release()
  }
}
