/**
 * The signals that arrive before the server is loaded, for the program whose first word is this. Node would open its debugger
 * at USR1, and end at HUP, which a supervisor may send at any time. The program imports this first.
 */
const isServer = process.argv[2] === undefined || process.argv[2].startsWith('-')

const leave = (): void => process.exit()
const ignore = (): void => undefined

if (isServer) {
  process.on('SIGUSR1', leave)
  process.on('SIGHUP', ignore)
}

/** The server has listeners of its own. */
export function endEarlySignals(): void {
  process.off('SIGUSR1', leave)
  process.off('SIGHUP', ignore)
}
