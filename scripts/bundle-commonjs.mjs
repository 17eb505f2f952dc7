// Creates dist/cjs, which `require('keepcached')` loads: the compiled tree as CommonJS, in one file for each export, with the
// declarations of its types. Threads run the file of the ES modules.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { buildSync } from 'esbuild'
import { ROOT } from './setup.mjs'

const SOURCE = join(ROOT, 'dist', 'lib')
const TARGET = join(ROOT, 'dist', 'cjs')
const EXPORTS = ['index', 'client/index', 'net/index', 'protocol/index']

rmSync(TARGET, { recursive: true, force: true })
buildSync({
  entryPoints: EXPORTS.map((name) => join(SOURCE, `${name}.js`)),
  outdir: TARGET,
  outbase: SOURCE,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  define: { 'import.meta.url': 'moduleUrl' },
  banner: { js: `const moduleUrl = require('node:url').pathToFileURL(__filename).href` },
  logLevel: 'warning',
})
writeFileSync(join(TARGET, 'package.json'), '{ "type": "commonjs" }\n')
for (const file of declarations(EXPORTS.map((name) => join(SOURCE, `${name}.d.ts`)))) {
  const copy = join(TARGET, relative(SOURCE, file))
  mkdirSync(dirname(copy), { recursive: true })
  cpSync(file, copy)
}

/** These files, and all that they import. */
function declarations(files, found = new Set()) {
  for (const file of files.filter((each) => !found.has(each))) {
    found.add(file)
    const imports = [...readFileSync(file, 'utf8').matchAll(/(?:from |import\()["'](\.[^"']+)\.js["']/g)]
    declarations(
      imports.map(([, path]) => join(dirname(file), `${path}.d.ts`)),
      found,
    )
  }
  return found
}
