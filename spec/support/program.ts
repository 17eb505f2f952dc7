import { fileURLToPath } from 'node:url'

/** Coverage and mutants are of the compiled tree: with UNBUNDLED=1 that is used in the place of each bundle. */
const IS_BUNDLED = process.env['UNBUNDLED'] !== '1'

const urlOf = (path: string): string => new URL(`../../${path}`, import.meta.url).href

/** The program as it is published. */
export const MAIN = fileURLToPath(urlOf(IS_BUNDLED ? 'esm/cli/main.js' : 'lib/cli/main.js'))

/** The command of the compiled tree: Node lists the modules that it loads. */
export const COMPILED_PROGRAM: readonly string[] = [process.execPath, fileURLToPath(urlOf('lib/cli/main.js'))]

/** The program, its export, and the module to preload that lets its threads die (faults.ts). They share their modules. */
const FAULTY = IS_BUNDLED ? 'faulty/' : ''
export const FAULTY_PROGRAM: readonly string[] = [
  process.execPath,
  fileURLToPath(urlOf(`${FAULTY}lib/cli/main.js`)),
]
export const FAULTY_EXPORT = urlOf(`${FAULTY}lib/index.js`)
export const FAULTS = urlOf(`${FAULTY}spec/support/faults.js`)
