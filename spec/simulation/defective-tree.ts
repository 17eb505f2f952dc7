import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
    for (const folder of NEEDED) cpSync(join(DIST, folder), join(tree, folder), { recursive: true })
    const path = join(tree, 'lib', file)
    const parts = readFileSync(path, 'utf8').split(from)
    if (parts.length !== 2) throw new Error(`${name}: ${parts.length - 1} times in ${file}: ${from}`)
    writeFileSync(path, parts.join(to))
    return await run(tree)
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}
