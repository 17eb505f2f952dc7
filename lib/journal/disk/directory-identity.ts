import type { Files } from './files.js'

/** Rejects with a sentence unless a path leads to the directory with this identity: it may have been deleted, moved, or replaced. */
export async function assertIsThere(
  files: Pick<Files, 'identityOf'>,
  directory: string,
  identity: string,
): Promise<void> {
  const present = await files.identityOf(directory)
  if (present === undefined) throw goneError(directory)
  if (present !== identity) throw new Error(`${directory}: another directory is in its place`)
}

export const goneError = (directory: string): Error =>
  new Error(`${directory}: the directory was deleted or moved`)
