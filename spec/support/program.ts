import { fileURLToPath } from 'node:url'

const mainIn = (folder: string): string =>
  fileURLToPath(new URL(`../../${folder}/cli/main.js`, import.meta.url))

/** The program as it is published. UNBUNDLED=1 selects the compiled tree in its place, for coverage and for mutants. */
export const MAIN = mainIn(process.env['UNBUNDLED'] === '1' ? 'lib' : 'esm')

/** The command of a program whose modules a preloaded one can change. */
export const COMPILED_PROGRAM: readonly string[] = [process.execPath, mainIn('lib')]
