// What `npm start` and `npm test` need first: the packages of the lock file, and the compiled tree. Both are checked
// by their times, so that the second run costs a few milliseconds.
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const SOURCES = ['lib', 'spec', 'scripts']

/** Runs a command in the project's folder with our own output; ends this process if it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

export function setUp() {
  install()
  build()
}

/**
 * npm writes node_modules/.package-lock.json last: if it is older than the lock file, packages are missing. A folder that
 * is only a link belongs to another tree, which would lose it.
 */
export function install() {
  if (lstatSync(join(ROOT, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) return
  const installed = time(join(ROOT, 'node_modules', '.package-lock.json'))
  if (installed >= time(join(ROOT, 'package-lock.json'))) return
  console.error('keepcached: installing packages')
  // Quiet on standard output, which belongs to the program that is started next.
  run('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], { stdio: ['ignore', 2, 2] })
}

/** Compiles when any source is newer than the last compilation. */
export function build() {
  const stamp = join(ROOT, 'dist', '.built')
  const built = time(stamp)
  const newest = Math.max(
    time(join(ROOT, 'tsconfig.json')),
    ...SOURCES.map((folder) => newestIn(join(ROOT, folder))),
  )
  if (built > newest) return
  console.error('keepcached: compiling')
  if (built === 0 || somethingWasRemoved()) rmSync(join(ROOT, 'dist'), { recursive: true, force: true })
  run(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')], { stdio: ['ignore', 2, 2] })
  run(process.execPath, [join(ROOT, 'scripts', 'bundle.mjs')], { stdio: ['ignore', 2, 2] })
  writeFileSync(stamp, '')
}

/** A compiled file whose source was removed would still be found by the tests. */
function somethingWasRemoved() {
  for (const folder of SOURCES) {
    for (const entry of listFiles(join(ROOT, 'dist', folder))) {
      if (!entry.endsWith('.js')) continue
      const source = join(ROOT, entry.slice(join(ROOT, 'dist').length + 1).replace(/\.js$/, '.ts'))
      if (!existsSync(source)) return true
    }
  }
  return false
}

function listFiles(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

function newestIn(folder) {
  if (!existsSync(folder)) return 0
  const folders = readdirSync(folder, { recursive: true, withFileTypes: true }).map((e) =>
    join(e.parentPath, e.name),
  )
  return Math.max(time(folder), ...folders.map(time))
}

function time(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
