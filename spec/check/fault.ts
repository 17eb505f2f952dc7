import type { Tampering } from './broken-server.js'

/** A server that breaks one rule. */
export interface Fault {
  /** What this server does wrong. */
  readonly what: string
  /** A check that must fail. */
  readonly caughtBy: string
  readonly tampering: Tampering
}

export const fault = (what: string, caughtBy: string, tampering: Tampering): Fault => ({
  what,
  caughtBy,
  tampering,
})
