import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Which server it is. Both take memcached's options. */
export interface ServerKind {
  readonly name: string
  readonly command: readonly string[]
  /** The number of threads, on all cores; without it one, pinned to its core. */
  readonly threadCount?: number
  readonly companion?: Companion
}

/** A process that uses the server beside the load. It sends a message once it does, and answers each one that it gets. */
export interface Companion {
  readonly command: readonly string[]
  /** It receives what the requests of a run cause: a run ends when the server has sent it all. */
  readonly isFollower: boolean
}

/** The options of every program that select the servers to measure, for parseArgs. */
export const SERVER_OPTIONS = {
  memcached: { type: 'string', default: 'memcached' },
  command: { type: 'string' },
} as const

export const SERVER_HELP = `  --memcached PATH    the memcached to compare with (memcached)
  --command "..."     what to start in place of keepcached; it is given memcached's options
  --help
`

interface ServerChoice {
  readonly memcached: string
  readonly command?: string | undefined
}

const KEEPCACHED = fileURLToPath(new URL('../../../esm/cli/main.js', import.meta.url))

/** keepcached, and memcached where it is installed. */
export function serverKinds(choice: ServerChoice): readonly [ServerKind, ...ServerKind[]] {
  const command = choice.command?.trim().split(/\s+/) ?? [process.execPath, KEEPCACHED]
  const keepcached = { name: 'keepcached', command }
  const memcached = installedMemcached(choice.memcached)
  if (memcached !== undefined) return [keepcached, memcached]
  console.log(`${choice.memcached} is not installed: keepcached is measured alone`)
  return [keepcached]
}

function installedMemcached(path: string): ServerKind | undefined {
  if (spawnSync(path, ['-V']).status !== 0) return undefined
  // Started by root, it requires a user.
  const isRoot = process.getuid?.() === 0
  return { name: 'memcached', command: isRoot ? [path, '-u', 'root'] : [path] }
}
