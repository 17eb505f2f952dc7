/** A copy of the compiled tree with all mutants in it, of which one is active at a time. The rest of the project is linked. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ActiveTime } from './active-time.js'
import type { Check } from './checks.js'
import { instrument, type NumberedMutant } from './instrument.js'
import type { Answer, Question } from './runner.js'
import { NO_MUTANT } from './switches.js'

export type Outcome = 'passed' | 'failed' | 'too slow'

export interface Run {
  readonly outcome: Outcome
  /** How long it was active. */
  readonly ms: number
  /** The mutants whose places were reached, if they are traced: by the check, and while its modules were loaded. */
  readonly reached?: ReadonlySet<number>
  readonly reachedAtLoad?: ReadonlySet<number>
}

const COPIED = 'dist'
const RUNNER = 'scripts/mutate/runner.js'
const SWITCHES = 'scripts/mutate/switches.js'
/** How often the time of a check is compared with its limit. */
const LOOK_MS = 50
const NOT_LINKED = [COPIED, '.git', 'coverage']
/** Then the process of the specs is replaced. */
const RESIDENT_BYTES_MAX = 2e9

export class Sandbox {
  private readonly root = mkdtempSync(join(tmpdir(), 'keepcached-mutate-'))
  private readonly dist = join(this.root, COPIED)
  private readonly tracePath = join(this.root, 'trace')
  private readonly loadTracePath = join(this.root, 'load-trace')
  private readonly seed: number
  /** Runs spec files, one after the other. */
  private runner: ChildProcess | undefined
  private program: ChildProcess | undefined
  private mutantAtStart = NO_MUTANT

  constructor(project: string, seed: number, mutants: readonly NumberedMutant[]) {
    this.seed = seed
    for (const name of readdirSync(project)) {
      if (!NOT_LINKED.includes(name)) symlinkSync(join(project, name), join(this.root, name))
    }
    cpSync(join(project, COPIED), this.dist, { recursive: true })
    mkdirSync(join(this.root, 'tmp'))
    for (const file of new Set(mutants.map((mutant) => mutant.file))) {
      const ofFile = mutants.filter((mutant) => mutant.file === file)
      writeFileSync(join(this.dist, 'lib', `${file}.js`), instrument(ofFile, join(this.dist, SWITCHES)))
    }
  }

  remove(): void {
    this.restart()
    rmSync(this.root, { recursive: true, force: true })
  }

  /** The next spec runs in a new process, in which `mutant` is active from the start. */
  restart(mutant = NO_MUTANT): void {
    stop(this.runner)
    stop(this.program)
    this.runner = undefined
    this.program = undefined
    this.mutantAtStart = mutant
  }

  async run(check: Check, mutant: number, limitMs: number, isTraced = false): Promise<Run> {
    for (const path of [this.tracePath, this.loadTracePath]) rmSync(path, { force: true })
    const run =
      check.words === undefined
        ? await this.runSpec(check, mutant, limitMs, isTraced)
        : await this.runProgram(check, check.words, mutant, limitMs, isTraced)
    if (!isTraced) return run
    return { ...run, reached: readTrace(this.tracePath), reachedAtLoad: readTrace(this.loadTracePath) }
  }

  private async runSpec({ path }: Check, mutant: number, limitMs: number, isTraced: boolean): Promise<Run> {
    this.runner ??= this.start(RUNNER, [], this.mutantAtStart, '')
    const { runner, tracePath, loadTracePath } = this
    const traces = isTraced ? { tracePath, loadTracePath } : {}
    runner.send({ path, mutant, ...traces } satisfies Question)
    const { ms, event } = await waitFor(runner, 'message', limitMs)
    const answer = event?.[0] as Answer | undefined
    const isKept = typeof answer === 'object' && answer !== null && answer.residentBytes < RESIDENT_BYTES_MAX
    if (!isKept) this.restart(this.mutantAtStart)
    return { outcome: event === undefined ? 'too slow' : answer?.isPassed === true ? 'passed' : 'failed', ms }
  }

  private async runProgram(
    { path }: Check,
    words: readonly string[],
    mutant: number,
    limitMs: number,
    isTraced: boolean,
  ): Promise<Run> {
    this.program = this.start(path, words, mutant, isTraced ? this.tracePath : '')
    const { ms, event } = await waitFor(this.program, 'exit', limitMs)
    stop(this.program)
    return { outcome: event === undefined ? 'too slow' : event[0] === 0 ? 'passed' : 'failed', ms }
  }

  private start(path: string, words: readonly string[], mutant: number, tracePath: string): ChildProcess {
    return fork(join(this.dist, path), words, {
      cwd: this.root,
      execArgv: [],
      env: {
        ...process.env,
        UNBUNDLED: '1',
        SEED: `${this.seed}`,
        TMPDIR: join(this.root, 'tmp'),
        MUTANT: `${mutant}`,
        MUTANT_TRACE: tracePath,
      },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      // A process group of its own, with the servers that the specs start: it ends as a whole.
      detached: true,
    })
  }
}

/** Its message or its end, whichever comes first. No event: it was active for too long, and is stopped. */
async function waitFor(
  child: ChildProcess,
  name: 'message' | 'exit',
  limitMs: number,
): Promise<{ ms: number; event: readonly unknown[] | undefined }> {
  const time = new ActiveTime(child.pid!)
  let isTooSlow = false
  const timer = setInterval(() => {
    time.update()
    if (time.ms < limitMs) return
    isTooSlow = true
    stop(child)
  }, LOOK_MS)
  const waiting = new AbortController()
  const event = await Promise.race(['exit', name].map((end) => once(child, end, { signal: waiting.signal })))
  waiting.abort()
  clearInterval(timer)
  time.update()
  return { ms: time.ms, event: isTooSlow ? undefined : event }
}

function stop(child: ChildProcess | undefined): void {
  if (child?.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Nothing of the group is left.
  }
}

function readTrace(path: string): Set<number> {
  return new Set(existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').map(Number) : [])
}
