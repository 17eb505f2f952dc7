import { check } from '../journal/check.js'
import { dump } from '../journal/dump.js'
import { diskFiles } from '../journal/files.js'
import { DirectoryLock } from '../journal/lock.js'
import { runningProcesses } from '../journal/processes.js'
import { repair } from '../journal/repair.js'

export const JOURNAL_HELP = `keepcached journal check DIR    read every file of a data directory and tell what is there
keepcached journal dump DIR     print every record
keepcached journal repair DIR   write damaged files anew with what of them is sound, and keep the damaged ones;
                                what comes back then may be older than what was there
`

/** The words behind `keepcached journal`. Answers the exit code: 0 when nothing is wrong, 1 for damage, 64 for wrong words. */
export async function journal(words: readonly string[], say: (line: string) => void): Promise<number> {
  const [name, directory] = words
  const command = COMMANDS.find((row) => row.name === name)
  if (command === undefined || directory === undefined || words.length > 2) {
    say(JOURNAL_HELP.trimEnd())
    return EX_USAGE
  }
  try {
    return await command.run(directory, say)
  } catch (error) {
    say(`keepcached: ${(error as Error).message}`)
    return DAMAGE
  }
}

const COMMANDS = [
  { name: 'check', run: checkDirectory },
  { name: 'dump', run: dumpDirectory },
  { name: 'repair', run: repairDirectory },
]

async function checkDirectory(directory: string, say: (line: string) => void): Promise<number> {
  const reports = check(diskFiles, directory)
  for (const { name, length, recordCount, itemCount, versionMax, ending } of reports) {
    const counts = `${length} bytes, ${recordCount} records, ${itemCount} items, versions up to ${versionMax}`
    say(
      `${name}: ${counts}; ${ENDINGS[ending.kind]}${ending.kind === 'whole' ? '' : ` at byte ${ending.offset}`}`,
    )
  }
  if (reports.length === 0) say(`${directory}: there are no files of keepcached`)
  return reports.some(({ ending }) => ending.kind === 'damaged') ? DAMAGE : 0
}

const ENDINGS = {
  whole: 'whole',
  torn: 'the last write was never finished, and will be cut off',
  damaged: 'damaged',
} as const

async function dumpDirectory(directory: string, say: (line: string) => void): Promise<number> {
  for (const line of dump(diskFiles, directory)) say(line)
  return 0
}

async function repairDirectory(directory: string, say: (line: string) => void): Promise<number> {
  const lock = await DirectoryLock.take(diskFiles, directory, runningProcesses(diskFiles))
  try {
    const repairs = await repair(diskFiles, directory)
    for (const { name, copy, frameCount, byteLength } of repairs)
      say(
        `${name}: ${byteLength} bytes in ${frameCount} frames are sound; the damaged file is kept as ${copy}`,
      )
    if (repairs.length === 0) say('nothing is damaged')
    return 0
  } finally {
    await lock.release()
  }
}

const EX_USAGE = 64
const DAMAGE = 1
