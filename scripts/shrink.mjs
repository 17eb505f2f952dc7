// node scripts/shrink.mjs: makes the compiled modules and declarations as small as they are published, before npm packs them.
// Comments of modules and indentation are two fifths of the bytes. Modules keep their names, and errors can still point to lines. The next
// build compiles everything again.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { ROOT } from './setup.mjs'

const OPTIONS = { minifyWhitespace: true, minifySyntax: true, lineLimit: 120 }
/**
 * The bundles of CommonJS repeat the modules, and are a third smaller without the names of their variables. So are the modules that
 * are loaded only when they are needed: those of the tools and of the HTTP listeners, whose classes no program sees.
 */
const BUNDLE_OPTIONS = { ...OPTIONS, minifyIdentifiers: true }

/** The bundler names a module that several others need `chunk-…`. */
const LOADED_LATER = /[/\\]esm[/\\]chunks[/\\](?!chunk-)/

/** The text of a file of dist as it is published: modules without comments, declarations with theirs, but not indented. */
export async function shrunk(path, text) {
  if (path.endsWith('.d.ts')) return text.replace(/^ +/gm, '')
  if (!path.endsWith('.js')) return text
  const isBundle = path.split(sep).includes('cjs') || LOADED_LATER.test(path)
  return (await transform(text, isBundle ? BUNDLE_OPTIONS : OPTIONS)).code
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
