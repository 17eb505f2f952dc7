import { startError } from '../options/start-error.js'

/** Only root can become another user; for others the option has no effect, as in memcached. */
const mayBecome = (user: string | null): user is string =>
  user !== null && user !== 'root' && process.getuid?.() === 0

/** For good. */
export function becomeUser(user: string | null): void {
  if (!mayBecome(user)) return
  try {
    process.setgroups?.([])
    process.setgid?.(user)
  } catch {
    // A user need not have a group of the same name.
  }
  try {
    process.setuid?.(user)
  } catch {
    throw unknown(user)
  }
}

/** Temporarily: files are created as the user that the server will become. */
export async function asUser<Result>(user: string | null, action: () => Promise<Result>): Promise<Result> {
  if (!mayBecome(user)) return action()
  try {
    process.seteuid?.(user)
  } catch {
    throw unknown(user)
  }
  try {
    return await action()
  } finally {
    process.seteuid?.(0)
  }
}

const unknown = (user: string): Error =>
  startError((nameOf) => `${nameOf('user')}: there is no user ${user} to become`)
