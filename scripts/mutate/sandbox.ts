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
import { codeOf, type Mutant } from './mutants.js'
import type { Stage, Stages } from './stages.js'

export type Outcome = 'passed' | 'failed' | 'too slow'

export interface StageResult {
  readonly outcome: Outcome
  readonly ms: number
}

export interface Trial extends StageResult {
  /** How many stages ran. `ms` is how long all took. */
  readonly stageCount: number
}

const COPIED = 'dist'
const NOT_LINKED = [COPIED, '.git', 'coverage']
/** Longer than the limit of any spec, so that a busy machine fails none. */
const SPEC_TIMEOUT_MS = 60_000

export class Sandbox {
  private readonly root = mkdtempSync(join(tmpdir(), 'keepcached-mutate-'))
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

  /** Mocha's output in the last stage. */
  get lastOutput(): string {
    return readFileSync(this.outputPath, 'utf8')
  }

  /** Runs the stages until one fails. `limitOf` returns how long each may take, while there is no mutant. */
  async tryMutant(
    mutant: Mutant,
    stages: Stages,
    limitOf: (stage: Stage, sandbox: Sandbox) => Promise<number>,
  ): Promise<Trial> {
    let trial: Trial = { outcome: 'passed', stageCount: 0, ms: 0 }
    for (const stage of stages) {
      const limitMs = await limitOf(stage, this)
      const { outcome, ms } = await this.runWith(mutant, stage, limitMs)
      trial = { outcome, stageCount: trial.stageCount + 1, ms: trial.ms + ms }
      if (outcome !== 'passed') break
    }
    return trial
  }

  private async runWith(mutant: Mutant, stage: Stage, limitMs: number): Promise<StageResult> {
    const path = join(this.root, COPIED, 'lib', `${mutant.file}.js`)
    writeFileSync(path, codeOf(mutant))
    try {
      return await this.runStage(stage, limitMs)
    } finally {
      writeFileSync(path, mutant.source)
    }
  }

  async runStage(stage: Stage, limitMs: number): Promise<StageResult> {
    const started = performance.now()
    ftruncateSync(this.output)
    const child = spawn(process.execPath, commandOf(stage), {
      cwd: this.root,
      env: { ...process.env, UNBUNDLED: '1', SEED: `${this.seed}`, TMPDIR: join(this.root, 'tmp') },
      stdio: ['ignore', this.output, this.output],
      // A process group of its own, with the servers that the specs start: it ends as a whole.
      detached: true,
    })
    this.running = child
    let isTooSlow = false
    const timer = setTimeout(() => {
      isTooSlow = true
      this.stop()
    }, limitMs)
    const [code] = await once(child, 'exit')
    clearTimeout(timer)
    this.stop()
    const outcome = isTooSlow ? 'too slow' : code === 0 ? 'passed' : 'failed'
    return { outcome, ms: performance.now() - started }
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

/** The arguments of Node. */
function commandOf(stage: Stage): string[] {
  if ('program' in stage) return [`dist/spec/${stage.program}`, ...stage.words]
  const options = ['--no-config', '--bail', '--exit', '--timeout', `${SPEC_TIMEOUT_MS}`]
  return [
    'node_modules/mocha/bin/mocha.js',
    ...options,
    ...stage.specs.map((pattern) => `dist/spec/${pattern}`),
  ]
}
