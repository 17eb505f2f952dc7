import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MAIN } from '../support/program.js'

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** A folder where programs find the package, and others, as if they were installed there. */
export class ProgramFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'keepcached-testing-'))

  constructor(...packages: readonly string[]) {
    mkdirSync(join(this.path, 'node_modules'))
    this.link('keepcached', ROOT)
    for (const name of packages) this.link(name, join(ROOT, 'node_modules', name))
  }

  link(name: string, target: string): void {
    symlinkSync(target, join(this.path, 'node_modules', name))
  }

  /**
   * A copy of the package, as npm would install it. Test runners take what a link leads to for files of the project, and
   * transform them: that takes longer than the test.
   */
  install(): void {
    const installed = join(this.path, 'node_modules', 'keepcached')
    rmSync(installed)
    mkdirSync(installed)
    for (const part of ['package.json', 'dist/esm', 'dist/cjs'])
      cpSync(join(ROOT, part), join(installed, part), { recursive: true })
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    for (const name of Object.keys(dependencies)) this.link(name, join(ROOT, 'node_modules', name))
  }

  write(name: string, text: string): string {
    const file = join(this.path, name)
    writeFileSync(file, text)
    return file
  }

  /** Runs a program to its end. */
  run(program: string, words: readonly string[], env: Record<string, string> = {}) {
    const { status, stdout, stderr } = spawnSync(program, words, {
      cwd: this.path,
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      timeout: 60_000,
    })
    return { status, stdout, stderr }
  }

  /** Runs a file of JavaScript, which must end by itself. */
  runNode(name: string, text: string) {
    return this.run(process.execPath, [this.write(name, text)])
  }

  [Symbol.dispose](): void {
    this.remove()
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** The tool, as a process. */
export const startTool = (...words: string[]) =>
  spawn(process.execPath, [MAIN, ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
