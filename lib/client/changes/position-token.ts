import { ClientError } from '../client-error.js'

/**
 * A position over several servers is text that programs keep and give back:
 *
 *     <position>                                      of the only server
 *     <name>=<position>,<name>=<position>             of several; names in percent-encoding
 */
export function writeToken(positions: readonly (readonly [server: string, position: string])[]): string {
  if (positions.length === 1) return positions[0]![1]
  return positions.map(([server, position]) => `${encodeURIComponent(server)}=${position}`).join(',')
}

/** The position of a server in a token; undefined if it has none. */
export type PositionOf = (server: string) => string | undefined

/**
 * Throws BAD_OPTION. The position of one server names no server: it is given to each, and only the one that it is from can
 * resume there.
 */
export function readToken(token: string): PositionOf {
  if (typeof token !== 'string') throw badToken(token)
  if (POSITION.test(token)) return () => token
  const positions = new Map<string, string>()
  for (const pair of token.split(',')) {
    const [name = '', position = ''] = pair.split('=')
    if (name === '' || !POSITION.test(position)) throw badToken(token)
    positions.set(decodedName(name, token), position)
  }
  return (server) => positions.get(server)
}

function decodedName(name: string, token: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    throw badToken(token)
  }
}

const badToken = (token: unknown): ClientError =>
  new ClientError('BAD_OPTION', `since: ${JSON.stringify(token)} is no position`)

const POSITION = /^[0-9a-f]{16}\.\d{1,15}$/
