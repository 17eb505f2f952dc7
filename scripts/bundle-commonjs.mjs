// Creates dist/cjs, which `require('keepcached')` loads: the compiled tree as CommonJS, in one file for each export, with the
// declarations of its types. Threads run the file of the ES modules. The server is in core.js, once for the two exports that
// need it.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build } from 'esbuild'
import { ROOT } from './setup.mjs'

const SOURCE = join(ROOT, 'dist', 'lib')
const TARGET = join(ROOT, 'dist', 'cjs')
/** These load core.js; the others are whole. */
const OVER_CORE = ['index', 'testing/index']
const WHOLE = ['client/index', 'net/index', 'protocol/index']
const EXPORTS = [...OVER_CORE, ...WHOLE]

rmSync(TARGET, { recursive: true, force: true })
/** The modules that the exports over core.js take from it. */
const shared = new Set()
await bundle({
  entryPoints: OVER_CORE.map(fileOf),
  plugins: [fromCore()],
  external: ['./core.js', '../core.js'],
})
const lines = [...shared].map((name) => `export * as '${name}' from './${name}'`)
await bundle({
  stdin: { contents: lines.join('\n'), resolveDir: SOURCE, sourcefile: 'core.js' },
  outfile: 'core.js',
})
await bundle({ entryPoints: WHOLE.map(fileOf) })
writeFileSync(join(TARGET, 'package.json'), '{ "type": "commonjs" }\n')
const published = declarations(EXPORTS.map((name) => join(SOURCE, `${name}.d.ts`)))
for (const file of published) {
  const copy = join(TARGET, relative(SOURCE, file))
  mkdirSync(dirname(copy), { recursive: true })
  cpSync(file, copy)
}

// The declarations that no export leads to are not published. npm looks for this file in each folder.
const others = readdirSync(SOURCE, { recursive: true }).filter(
  (name) => name.endsWith('.d.ts') && !published.has(join(SOURCE, name)),
)
writeFileSync(join(SOURCE, '.npmignore'), `**/*.map\n${others.map((name) => `/${name}\n`).join('')}`)

function fileOf(name) {
  return join(SOURCE, `${name}.js`)
}

function bundle({ outfile, ...options }) {
  return build({
    ...(outfile === undefined ? { outdir: TARGET, outbase: SOURCE } : { outfile: join(TARGET, outfile) }),
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    // A third smaller, in lines that an error can still point to.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 120,
    define: { 'import.meta.url': 'moduleUrl' },
    banner: { js: `const moduleUrl = require('node:url').pathToFileURL(__filename).href` },
    logLevel: 'warning',
    ...options,
  })
}

/** Takes from core.js what does not lie beside an export that is no whole one. */
function fromCore() {
  const isOwn = (name) => name === 'index.js' || name.startsWith('testing/')
  return {
    name: 'from-core',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, importer }) => {
        const name = relative(SOURCE, join(resolveDir, path))
        if (importer === '' || isOwn(name) || path.endsWith('core.js')) return undefined
        shared.add(name)
        const core = importer === fileOf('index') ? './core.js' : '../core.js'
        return { path: name, namespace: 'core', pluginData: core }
      })
      onLoad({ filter: /./, namespace: 'core' }, ({ path, pluginData: core }) => ({
        contents: `module.exports = require('${core}')['${path}']`,
      }))
    },
  }
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
