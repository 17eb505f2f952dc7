import type { OptionKind } from './kind.js'

/** The number in `replicas=N`. Undefined for anything else. */
export function readAcknowledgement(typed: string): number | undefined {
  const [, digits = '0'] = /^replicas=(\d{1,3})$/.exec(typed) ?? []
  const count = Number(digits)
  return count >= 1 && count <= REPLICA_COUNT_MAX ? count : undefined
}

const REPLICA_COUNT_MAX = 100

/** Who must have a change before it is acknowledged, or nobody else. */
export const ACKNOWLEDGEMENT: OptionKind<string | null> = {
  argument: '<text>',
  type: 'string',
  wanted: `an acknowledgement; give replicas=N, with 1 to ${REPLICA_COUNT_MAX}`,
  read: (typed) => typed,
  accepts: (value) =>
    value === null || (typeof value === 'string' && readAcknowledgement(value) !== undefined),
  write: (value) => value ?? '',
}
