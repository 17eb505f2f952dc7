/** The words of the programs beside the specs, such as `npm run crash`. */
import { type ParseArgsConfig, parseArgs } from 'node:util'

type Options = NonNullable<ParseArgsConfig['options']>

/** Reads the options. `--help` prints the usage, and a word that is no option ends the program. */
export function readWords<const T extends Options>(
  usage: string,
  options: T,
  allowPositionals = false,
): ReturnType<typeof parseArgs<{ options: T; allowPositionals: boolean }>> {
  try {
    const words = parseArgs({ options: { ...options, help: { type: 'boolean' } } as T, allowPositionals })
    if (!(words.values as { help?: boolean }).help) return words
  } catch (error) {
    refuseWords(usage, (error as Error).message)
  }
  console.log(usage)
  process.exit(0)
}

/** Ends the program because of its words. */
export function refuseWords(usage: string, reason = ''): never {
  console.error(`${reason}\n${usage}`.trimStart())
  process.exit(1)
}
