// node scripts/shrink.mjs: makes the compiled modules and declarations as small as they are published, before npm packs them.
// Comments of modules and indentation are two fifths of the bytes. Errors can still point to lines. The next build compiles
// everything again.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { ROOT } from './setup.mjs'

const OPTIONS = { minifyWhitespace: true, minifySyntax: true, lineLimit: 4000 }
/** A quarter less, but the stack of an error and a profile show short names. */
const UNNAMED_OPTIONS = { ...OPTIONS, minifyIdentifiers: true }
/** Without a format the names at the top of a file could be those of a global script. */
const COMMONJS_OPTIONS = { ...UNNAMED_OPTIONS, format: 'cjs' }

const COMMONJS = join(ROOT, 'dist', 'cjs')
/** All that a thread of the server loads at its start: profiles of a server are of these modules. */
const THREAD = join(ROOT, 'dist', 'esm', 'server', 'workers', 'threads', 'worker-thread.js')
let named
/** The classes that users of the package can see, in a log or an inspector. */
let published

/** The text of a file of dist as it is published: modules without comments, declarations with theirs, but not indented. */
export async function shrunk(path, text) {
  if (path.endsWith('.d.ts')) return withoutPrivateComments(text).replace(/^ +/gm, '')
  if (!path.endsWith('.js')) return text
  named ??= modulesOf(THREAD)
  const file = resolve(ROOT, path)
  if (named.has(file)) return (await transform(text, OPTIONS)).code
  const isCommonJs = file.startsWith(COMMONJS)
  return (await transform(withClassNames(text), isCommonJs ? COMMONJS_OPTIONS : UNNAMED_OPTIONS)).code
}

/** A private member is declared so that classes with the same members differ: its user needs no more than that. */
function withoutPrivateComments(declarations) {
  return declarations.replace(/^ *\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n(?= *private )/gm, '')
}

/** The same module, but its published classes keep the names that they have in their declarations. */
function withClassNames(text) {
  published ??= publishedClasses()
  return text.replace(/\b(\w+)=class(?:\s+\w+)?(?:\s+extends\s+[\w.]+)?\{/g, (start, name) =>
    published.has(name) ? `${start}static{Object.defineProperty(this,"name",{value:"${name}"})}` : start,
  )
}

function publishedClasses() {
  const declarations = readdirSync(COMMONJS, { recursive: true }).filter((name) => name.endsWith('.d.ts'))
  return new Set(
    declarations.flatMap((name) =>
      [...readFileSync(join(COMMONJS, name), 'utf8').matchAll(/^export declare .*?class (\w+)/gm)].map(
        ([, declared]) => declared,
      ),
    ),
  )
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
