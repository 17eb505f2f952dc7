import { getSystemErrorMap } from 'node:util'

/** The system's text for an error, such as `permission denied`; for any other error its first line. */
export function reasonOf(error: unknown): string {
  const { errno, message, reason } = error as NodeJS.ErrnoException & { readonly reason?: string }
  const words = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1]
  // The `reason` of an OpenSSL error is the end of its message.
  return words ?? reason ?? message?.split('\n')[0] ?? String(error)
}

/** Whether the error comes from the system and has a text. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'errno' in error && 'code' in error
