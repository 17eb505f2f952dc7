/** A copy of the compiled tree in which mutants are tried one at a time. The rest of the project is linked. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  cpSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
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
import { type Coverage, readCoverage } from './coverage.js'
import { codeOf, type Mutant } from './mutants.js'

export type Outcome = 'passed' | 'failed' | 'too slow'

export interface Run {
  readonly outcome: Outcome
  /** How long it was active. */
  readonly ms: number
}

const COPIED = 'dist'
/** How often the time of a check is compared with its limit. */
const LOOK_MS = 100
const NOT_LINKED = [COPIED, '.git', 'coverage']

export class Sandbox {
  private readonly root = mkdtempSync(join(tmpdir(), 'keepcached-mutate-'))
  private readonly lib = join(this.root, COPIED, 'lib')
  private readonly outputPath = join(this.root, 'output')
  private readonly output = openSync(this.outputPath, 'a')
  private readonly seed: number
  private running: ChildProcess | undefined

  constructor(project: string, seed: number) {
    this.seed = seed
    for (const name of readdirSync(project)) {
      if (!NOT_LINKED.includes(name)) symlinkSync(join(project, name), join(this.root, name))
    }
    cpSync(join(project, COPIED), join(this.root, COPIED), { recursive: true })
    mkdirSync(join(this.root, 'tmp'))
  }

  remove(): void {
    this.stop()
    closeSync(this.output)
    rmSync(this.root, { recursive: true, force: true })
  }

  /** What the last check wrote. */
  get lastOutput(): string {
    return readFileSync(this.outputPath, 'utf8')
  }

  /** Puts the mutant into the copy while `task` runs. */
  async withMutant<Value>(mutant: Mutant, task: () => Promise<Value>): Promise<Value> {
    const path = join(this.lib, `${mutant.file}.js`)
    writeFileSync(path, codeOf(mutant))
    try {
      return await task()
    } finally {
      writeFileSync(path, mutant.source)
    }
  }

  async runWithCoverage(check: Check, limitMs: number): Promise<Run & { readonly coverage: Coverage }> {
    const reports = mkdtempSync(join(this.root, 'coverage-'))
    try {
      const run = await this.run(check, limitMs, { NODE_V8_COVERAGE: reports })
      return { ...run, coverage: readCoverage(reports, this.lib) }
    } finally {
      rmSync(reports, { recursive: true })
    }
  }

  async run({ words }: Check, limitMs: number, environment: NodeJS.ProcessEnv = {}): Promise<Run> {
    ftruncateSync(this.output)
    const child = spawn(process.execPath, words, {
      cwd: this.root,
      env: {
        ...process.env,
        UNBUNDLED: '1',
        SEED: `${this.seed}`,
        TMPDIR: join(this.root, 'tmp'),
        ...environment,
      },
      stdio: ['ignore', this.output, this.output],
      // A process group of its own, with the servers that the specs start: it ends as a whole.
      detached: true,
    })
    this.running = child
    const time = new ActiveTime(child.pid!)
    let isTooSlow = false
    const timer = setInterval(() => {
      time.update()
      if (time.ms < limitMs) return
      isTooSlow = true
      this.stop()
    }, LOOK_MS)
    const [code] = await once(child, 'exit')
    clearInterval(timer)
    time.update()
    this.stop()
    const outcome = isTooSlow ? 'too slow' : code === 0 ? 'passed' : 'failed'
    return { outcome, ms: time.ms }
  }

  private stop(): void {
    const pid = this.running?.pid
    this.running = undefined
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // Nothing of the group is left.
    }
  }
}
