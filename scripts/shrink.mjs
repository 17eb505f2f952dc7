// node scripts/shrink.mjs: makes the compiled modules of dist/lib as small as the package is to have them, before it is packed.
// Comments and indentation are two fifths of their bytes. Names stay, and lines that an error can point to. The next build
// compiles everything again.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'
import { ROOT } from './setup.mjs'

export const shrunk = (text) => transformSync(text, { minifyWhitespace: true, lineLimit: 120 }).code

function shrinkAll() {
  const folder = join(ROOT, 'dist', 'lib')
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!name.endsWith('.js')) continue
    const file = join(folder, name)
    writeFileSync(file, shrunk(readFileSync(file, 'utf8')))
  }
  for (const mark of ['.tsbuildinfo', '.built']) rmSync(join(ROOT, 'dist', mark), { force: true })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) shrinkAll()
