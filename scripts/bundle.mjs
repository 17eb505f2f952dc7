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

const COMMONJS = {
  ...COMMON,
  format: 'cjs',
  define: { 'import.meta.url': 'moduleUrl' },
  banner: { js: `const moduleUrl = require('node:url').pathToFileURL(__filename).href` },
}

/** How a shared file has its modules. A client needs no parser of frames, for example. */
const atOnce = (name) => `export * as '${name}' from './${name}'`
const whenNeeded = (name) => `Object.defineProperty(exports, '${name}', { get: () => require('./${name}') })`

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

/** One file for each export, and two from which they take what they share: core.js has the server, common.js connections. */
async function bundleCommonJs(target) {
  rmSync(target, { recursive: true, force: true })
  await bundleSharing(target, 'core.js', WITH_SERVER, (name) => name.startsWith('testing/'), atOnce)
  await bundleSharing(
    target,
    'common.js',
    WITHOUT_SERVER,
    (name) => /^(client|profiling)\//.test(name),
    whenNeeded,
  )
  writeFileSync(join(target, 'package.json'), '{ "type": "commonjs" }\n')
  copyDeclarations(target)
}

/** The exports have what is their own; all else is in the shared file, once. */
async function bundleSharing(target, sharedFile, entries, isOwn, sharedAs) {
  /** The modules that the exports take from the shared file. */
  const shared = new Set()
  await build({
    ...COMMONJS,
    entryPoints: entries.map(fileOf),
    outdir: target,
    plugins: [fromShared(sharedFile, shared, (name) => entries.includes(name.slice(0, -3)) || isOwn(name))],
    external: [`./${sharedFile}`, `../${sharedFile}`],
  })
  const lines = [...shared].map(sharedAs)
  await build({
    ...COMMONJS,
    stdin: { contents: lines.join('\n'), resolveDir: SOURCE, sourcefile: sharedFile },
    outfile: join(target, sharedFile),
  })
}

function fromShared(sharedFile, shared, isOwn) {
  return {
    name: 'from-shared',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, importer }) => {
        const name = relative(SOURCE, join(resolveDir, path))
        if (importer === '' || isOwn(name) || path.endsWith(sharedFile)) return undefined
        shared.add(name)
        const from = importer === fileOf('index') ? `./${sharedFile}` : `../${sharedFile}`
        return { path: name, namespace: 'shared', pluginData: from }
      })
      onLoad({ filter: /./, namespace: 'shared' }, ({ path, pluginData: from }) => ({
        contents: `module.exports = require('${from}')['${path}']`,
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
