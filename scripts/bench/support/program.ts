import { stopProcesses, stopProcessesAtExit } from './processes.js'

/** Runs a program of the bench: with --help only its help. An error is one sentence, and nothing is left running. */
export async function runProgram(
  name: string,
  help: string,
  run: (given: string[]) => Promise<void>,
): Promise<void> {
  const given = process.argv.slice(2)
  if (given.includes('--help')) {
    process.stdout.write(help)
    return
  }
  try {
    if (process.platform !== 'linux')
      throw new Error('CPU time and memory are read from /proc: Linux is needed')
    stopProcessesAtExit()
    await run(given)
    await stopProcesses()
  } catch (error) {
    console.error(`${name}: ${(error as Error).message}`)
    process.exit(1)
  }
}

/** The number given to an option; throws a sentence for the user if it is not a number. */
export function positive(option: string, text: string): number {
  const number = Number(text)
  if (!(number > 0)) throw new Error(`${option} takes a number above 0`)
  return number
}
