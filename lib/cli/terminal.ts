import type { Terminal } from './arguments/sub-command.js'

/** The terminal of this process. */
export const terminal: Terminal = {
  get columns() {
    return process.stdout.columns || DEFAULT_COLUMNS
  },

  get rows() {
    return process.stdout.rows || DEFAULT_ROWS
  },

  onKeys(listener) {
    const { stdin } = process
    const hear = (keys: Buffer): void => listener(keys.toString('latin1'))
    // The terminal was closed: nobody can type an end any more.
    const hearEnd = (): void => listener(CTRL_D)
    stdin.on('error', hearEnd)
    stdin.setRawMode(true)
    stdin.on('data', hear)
    stdin.on('end', hearEnd)
    return () => {
      stdin.off('data', hear)
      stdin.off('end', hearEnd)
      stdin.setRawMode(false)
      stdin.pause()
    }
  },
}

const CTRL_D = '\x04'
/** Some terminals do not say. */
const DEFAULT_COLUMNS = 80
const DEFAULT_ROWS = 24
