const leave = (): void => process.exit()
const ignore = (): void => undefined

/**
 * Listens for the signals that may arrive before the server is loaded. Node would open its debugger at USR1, and end at HUP,
 * which a supervisor may send at any time.
 */
export function beginEarlySignals(): void {
  process.on('SIGUSR1', leave)
  process.on('SIGHUP', ignore)
}

/** The server has listeners of its own. */
export function endEarlySignals(): void {
  process.off('SIGUSR1', leave)
  process.off('SIGHUP', ignore)
}
