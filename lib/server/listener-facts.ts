import type { Statistic } from '../request/reply.js'
import type { VerifyMode } from './options/tls-options.js'

/** What is known of a socket that listens, also where the socket itself is not. */
export interface ListenerFacts {
  /** As the ports file and the statistics show it. */
  readonly address: string
  readonly family: 'IPv4' | 'IPv6' | 'unix'
  /** 0 for a unix socket. */
  readonly port: number
  /** How clients are verified; null where no TLS is spoken. */
  readonly verify: VerifyMode | null
}

/** Listeners and connections are numbered from here on: memcached's numbers are those of files, and a few are open. */
export const FIRST_NUMBER = 26

/** The TCP port, or 0 without TCP. */
export const tcpPortOf = (listening: readonly ListenerFacts[]): number =>
  listening.find(({ family }) => family !== 'unix')?.port ?? 0

/** The first lines of `stats conns`. */
export const listenerStatistics = (listening: readonly ListenerFacts[], uptime: number): Statistic[] =>
  listening.flatMap(({ address }, index) => {
    const number = FIRST_NUMBER + index
    return [
      [`${number}:addr`, address],
      [`${number}:state`, 'conn_listening'],
      [`${number}:secs_since_last_cmd`, `${uptime}`],
    ] as const
  })
