/** The first descriptor that systemd uses. */
const FIRST_DESCRIPTOR = 3
const DESCRIPTORS_MAX = 1024

/**
 * The sockets that systemd, or a program like it, has opened for this process: sd_listen_fds(3). Variables for another
 * process are ignored, and those for this one are deleted, so that no child process uses them.
 */
export function takeInheritedSockets(environment: NodeJS.ProcessEnv): number[] {
  const { LISTEN_PID, LISTEN_FDS } = environment
  if (LISTEN_PID !== String(process.pid)) return []
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete environment[name]
  const count = /^\d{1,4}$/.test(LISTEN_FDS ?? '') ? Math.min(Number(LISTEN_FDS), DESCRIPTORS_MAX) : 0
  return Array.from({ length: count }, (_, index) => FIRST_DESCRIPTOR + index)
}
