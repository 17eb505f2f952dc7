import { NEW_SUFFIX } from '../format/file-header.js'

/** The file with the process id of the owner. */
export const PID_FILE_NAME = 'lock'
/** The socket of the owner. */
export const LOCK_SOCKET_NAME = 'lock.socket'

/** The socket of a process that wants to become the owner. */
export const candidateName = (id: string): string => `${PID_FILE_NAME}.${id}`

/** The id in the name of a candidate's socket, or the process id in the name under which a stale pid file is removed. */
export const candidateIdIn = (name: string): string | undefined => CANDIDATE.exec(name)?.[1]

/** Whether a socket still has the name that it has before it listens. */
export const isUnlistened = (name: string): boolean => name.endsWith(NEW_SUFFIX)

/** Whether a file belongs to the lock of a directory, of this version or an earlier one. */
export const isLockName = (name: string): boolean =>
  name === PID_FILE_NAME || name.startsWith(`${PID_FILE_NAME}.`)

const CANDIDATE = /^lock\.([0-9a-f]+)(\.new)?$/
