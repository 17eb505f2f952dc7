import { ClientError } from '../client-error.js'

/** The format has no form for the value: nothing was sent. */
export function unwritable(value: unknown, reason: string, options?: ErrorOptions): ClientError {
  return new ClientError('BAD_VALUE', `${kindOf(value)} cannot be stored: ${reason}`, options)
}

/** A stored value is not what its flags say. */
export function unreadable(kind: string, options?: ErrorOptions): ClientError {
  return new ClientError('BAD_VALUE', `the stored value is not ${kind}, as its flags say`, options)
}

/** Names the type, never the contents: these may be secret or long. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return `${value}`
  if (typeof value !== 'object') return `a ${typeof value}`
  const name: unknown = Array.isArray(value) ? 'Array' : Object.getPrototypeOf(value)?.constructor?.name
  return typeof name === 'string' && name !== '' ? `a value of type ${name}` : 'an object'
}
