import { getSystemErrorMap } from 'node:util'

/** The system's own words for what it refused, such as `permission denied`; of any other error its first line. */
export function reasonOf(error: unknown): string {
  const { errno, message, reason } = error as NodeJS.ErrnoException & { readonly reason?: string }
  const words = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1]
  // OpenSSL says in `reason` what stands at the end of its messages.
  return words ?? reason ?? message?.split('\n')[0] ?? String(error)
}

/** A sentence for whoever gave the option, with the `code` of the error behind it: programs go by that. */
export function withCode(sentence: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException
  return Object.assign(new Error(sentence, { cause: error }), code === undefined ? {} : { code })
}

/** Whether the system has refused something, and knows why. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'errno' in error && 'code' in error
