// Creates what is published from the compiled tree: dist/esm, which `import` loads and where the program is, and dist/cjs, which
// `require` loads. Both have few files, because Node needs half a second of processor time to load the server's 400 modules one
// by one. The declarations of their types are in dist/cjs, to which those of dist/esm refer. dist/faulty is for specs alone: the
// program, and the module that lets its threads die.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, extname, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { ROOT } from './setup.mjs'

const SOURCE = join(ROOT, 'dist', 'lib')
/** The exports that contain the server. */
const WITH_SERVER = ['index', 'testing/index']
const WITHOUT_SERVER = ['client/index', 'net/index', 'profiling/index', 'protocol/index']
const EXPORTS = [...WITH_SERVER, ...WITHOUT_SERVER]
/** What Node starts: the program, and the files of threads, which dist/cjs uses too. */
const PROGRAMS = ['cli/main', 'server/workers/threads/worker-thread', 'testing/control/test-thread']

const COMMON = {
  outbase: SOURCE,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
  // A third smaller, in lines that an error can still point to. V8 keeps the text of what it runs, with comments in two bytes a
  // character if one of them is not in Latin-1.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 120,
}

await bundleModules(join(ROOT, 'dist', 'esm'))
await bundleCommonJs(join(ROOT, 'dist', 'cjs'))
await bundleFaulty(join(ROOT, 'dist', 'faulty'))
await copyPage(join(ROOT, 'dist', 'esm', 'admin', 'page'))

async function bundleModules(target) {
  rmSync(target, { recursive: true, force: true })
  await build({
    ...COMMON,
    entryPoints: [...EXPORTS, ...PROGRAMS].map(fileOf),
    outdir: target,
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  })
  for (const name of EXPORTS) {
    const commonJs = relative(dirname(name), join('..', 'cjs', `${name}.js`))
    writeFileSync(join(target, `${name}.d.ts`), `export * from '${commonJs}'\n`)
  }
}

/** A preloaded module changes the classes of the program if both take them from the same chunks. */
async function bundleFaulty(target) {
  rmSync(target, { recursive: true, force: true })
  await build({
    ...COMMON,
    outbase: join(ROOT, 'dist'),
    entryPoints: [...['index', ...PROGRAMS].map(fileOf), join(ROOT, 'dist', 'spec', 'support', 'faults.js')],
    outdir: target,
    format: 'esm',
    splitting: true,
    // From there the program finds the files of threads.
    chunkNames: 'lib/chunks/[name]-[hash]',
  })
}

/** One file for each export. The server is in core.js, once for the two exports that need it. */
async function bundleCommonJs(target) {
  rmSync(target, { recursive: true, force: true })
  /** The modules that the exports over core.js take from it. */
  const shared = new Set()
  const options = {
    ...COMMON,
    format: 'cjs',
    define: { 'import.meta.url': 'moduleUrl' },
    banner: { js: `const moduleUrl = require('node:url').pathToFileURL(__filename).href` },
  }
  await build({
    ...options,
    entryPoints: WITH_SERVER.map(fileOf),
    outdir: target,
    plugins: [fromCore(shared)],
    external: ['./core.js', '../core.js'],
  })
  const lines = [...shared].map((name) => `export * as '${name}' from './${name}'`)
  await build({
    ...options,
    stdin: { contents: lines.join('\n'), resolveDir: SOURCE, sourcefile: 'core.js' },
    outfile: join(target, 'core.js'),
  })
  await build({ ...options, entryPoints: WITHOUT_SERVER.map(fileOf), outdir: target })
  writeFileSync(join(target, 'package.json'), '{ "type": "commonjs" }\n')
  copyDeclarations(target)
}

/** Takes from core.js what does not lie beside an export that is no whole one. */
function fromCore(shared) {
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

/**
 * The page of the admin listener: its files as they are, and the library for its charts, with the licence of that. They lie there
 * compressed, as browsers receive them: half the bytes in the package, and no work for the server.
 */
async function copyPage(target) {
  const source = join(ROOT, 'lib', 'admin', 'page')
  const put = (name, bytes) => writeFileSync(join(target, `${name}.gz`), gzipSync(bytes, { level: 9 }))
  for (const name of readdirSync(source, { recursive: true })) {
    if (!['.html', '.css', '.js', '.svg'].includes(extname(name))) continue
    mkdirSync(dirname(join(target, name)), { recursive: true })
    put(name, readFileSync(join(source, name)))
  }
  const library = join(ROOT, 'node_modules', 'uplot')
  const licence = readFileSync(join(library, 'LICENSE'), 'utf8').trim()
  const { outputFiles } = await build({
    stdin: { contents: "export { default as uPlot } from 'uplot'", resolveDir: ROOT },
    bundle: true,
    write: false,
    format: 'esm',
    minify: true,
    banner: { js: `/*!\n${licence}\n*/` },
    logLevel: 'warning',
  })
  put('uplot.js', outputFiles[0].contents)
  put('uplot.css', readFileSync(join(library, 'dist', 'uPlot.min.css')))
}

function fileOf(name) {
  return join(SOURCE, `${name}.js`)
}

/** The declarations that the exports lead to. */
function copyDeclarations(target) {
  for (const file of declarations(EXPORTS.map((name) => join(SOURCE, `${name}.d.ts`)))) {
    const copy = join(target, relative(SOURCE, file))
    mkdirSync(dirname(copy), { recursive: true })
    cpSync(file, copy)
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
