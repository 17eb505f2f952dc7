import type { Terminal } from './sub-command.js'

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
    stdin.setRawMode(true)
    stdin.on('data', hear)
    return () => {
      stdin.off('data', hear)
      stdin.setRawMode(false)
      stdin.pause()
    }
  },
}

/** Some terminals do not say. */
const DEFAULT_COLUMNS = 80
const DEFAULT_ROWS = 24
