/** A process in which spec files run again and again, with one mutant or another. A message asks for one run. */
import { join } from 'node:path'
import Mocha from 'mocha'
import { NO_MUTANT, selectMutant } from './switches.js'

export interface Question {
  /** Of the spec file. */
  readonly path: string
  readonly mutant: number
  /** These files get the mutants whose places are reached by the spec, and when its modules are loaded. */
  readonly tracePath?: string
  readonly loadTracePath?: string
}

export interface Answer {
  readonly isPassed: boolean
  /** Of this process. */
  readonly residentBytes: number
}

/** Longer than the limit of any spec, so that a busy machine fails none. */
const SPEC_TIMEOUT_MS = 60_000

class SilentReporter extends Mocha.reporters.Base {}

const mocha = new Mocha({ bail: true, timeout: SPEC_TIMEOUT_MS, reporter: SilentReporter, ui: 'bdd' })
mocha.cleanReferencesAfterRun(false)
const suites = new Map<string, Mocha.Suite[]>()

process.on('message', async (question: Question) => {
  const isPassed = await ask(question)
  selectMutant(NO_MUTANT)
  process.send!({ isPassed, residentBytes: process.memoryUsage.rss() } satisfies Answer)
})

async function ask({ path, mutant, tracePath, loadTracePath }: Question): Promise<boolean> {
  try {
    selectMutant(mutant, loadTracePath)
    await load(join(import.meta.dirname, '..', '..', path))
  } catch {
    return false
  }
  selectMutant(mutant, tracePath)
  mocha.suite.suites = suites.get(join(import.meta.dirname, '..', '..', path))!
  return await new Promise((resolve) => mocha.run((failureCount) => resolve(failureCount === 0)))
}

/** Its suites are those that it adds to the root. */
async function load(path: string): Promise<void> {
  if (suites.has(path)) return
  mocha.suite.suites = []
  mocha.files = [path]
  await mocha.loadFilesAsync()
  suites.set(path, mocha.suite.suites)
}
