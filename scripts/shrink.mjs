// node scripts/shrink.mjs: makes the compiled modules and declarations as small as they are published, before npm packs them.
// Comments of modules and indentation are two fifths of the bytes. Errors can still point to lines. The next build compiles
// everything again.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { ROOT } from './setup.mjs'

const OPTIONS = { minifyWhitespace: true, minifySyntax: true, lineLimit: 120 }
/** A quarter less, but an error or a profile shows short names. */
const UNNAMED_OPTIONS = { ...OPTIONS, minifyIdentifiers: true }

/** All that a thread of the server loads at its start: profiles of a server are of these modules. */
const THREAD = join(ROOT, 'dist', 'esm', 'server', 'workers', 'threads', 'worker-thread.js')
let named

/** The text of a file of dist as it is published: modules without comments, declarations with theirs, but not indented. */
export async function shrunk(path, text) {
  if (path.endsWith('.d.ts')) return text.replace(/^ +/gm, '')
  if (!path.endsWith('.js')) return text
  named ??= modulesOf(THREAD)
  return (await transform(text, named.has(resolve(ROOT, path)) ? OPTIONS : UNNAMED_OPTIONS)).code
}

function modulesOf(file, found = new Set()) {
  if (found.has(file)) return found
  found.add(file)
  for (const [, name] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*"(\.[^"]+)"/g))
    modulesOf(join(dirname(file), name), found)
  return found
}

async function shrink(file) {
  writeFileSync(file, await shrunk(file, readFileSync(file, 'utf8')))
}

async function shrinkAll() {
  const files = ['esm', 'cjs'].flatMap((folder) =>
    readdirSync(join(ROOT, 'dist', folder), { recursive: true }).map((name) =>
      join(ROOT, 'dist', folder, name),
    ),
  )
  await Promise.all(files.filter((file) => /\.(d\.ts|js)$/.test(file)).map(shrink))
  for (const mark of ['.tsbuildinfo', '.built']) rmSync(join(ROOT, 'dist', mark), { force: true })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await shrinkAll()
