import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Defect } from './defect.js'

const DIST = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const NEEDED = ['lib', join('spec', 'simulation'), join('spec', 'support')]

/** Calls with the path of a compiled tree that has a defect, which is removed afterwards. */
export async function withDefect<Value>(
  { name, file, from, to }: Defect,
  run: (tree: string) => Promise<Value>,
): Promise<Value> {
  mkdirSync(join(DIST, 'defects'), { recursive: true })
  const tree = mkdtempSync(join(DIST, 'defects', 'tree-'))
  try {
    for (const folder of NEEDED) linkFolder(join(DIST, folder), join(tree, folder))
    const path = join(tree, 'lib', file)
    const parts = readFileSync(path, 'utf8').split(from)
    if (parts.length !== 2) throw new Error(`${name}: ${parts.length - 1} times in ${file}: ${from}`)
    // The file is a link: written in place, it would change the tree itself.
    rmSync(path)
    writeFileSync(path, parts.join(to))
    return await run(tree)
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}

/** Hard links take a tenth of the time of copies. */
function linkFolder(source: string, target: string): void {
  mkdirSync(target, { recursive: true })
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)]
    if (entry.isDirectory()) linkFolder(from, to)
    else if (entry.name.endsWith('.js')) linkSync(from, to)
  }
}
