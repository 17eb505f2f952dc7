import type { VerifyMode } from '../../options/table/tls-options.js'
import type { Statistic } from '../../request/reply.js'

/** The facts about a listening socket, for threads that do not have the socket. */
export interface ListenerFacts {
  /** As the ports file and the statistics show it. */
  readonly address: string
  readonly family: 'IPv4' | 'IPv6' | 'unix'
  /** 0 for a unix socket. */
  readonly port: number
  /** Whether it takes datagrams (UDP), not connections. */
  readonly isDatagram: boolean
  /** How clients are verified; null without TLS. */
  readonly verify: VerifyMode | null
}

/** Listeners and connections are numbered from here: memcached's numbers are file descriptors, and a few are open. */
export const FIRST_NUMBER = 26

/** The TCP port, or 0 without TCP. */
export const tcpPortOf = (listening: readonly ListenerFacts[]): number =>
  listening.find(({ family, isDatagram }) => family !== 'unix' && !isDatagram)?.port ?? 0

/** The UDP port, or 0 without UDP. */
export const udpPortOf = (listening: readonly ListenerFacts[]): number =>
  listening.find(({ isDatagram }) => isDatagram)?.port ?? 0

/** The first lines of `stats conns`. */
export const listenerStatistics = (listening: readonly ListenerFacts[], uptime: number): Statistic[] =>
  listening.flatMap(({ address, isDatagram }, index) => {
    const number = FIRST_NUMBER + index
    const kind: Statistic[] = isDatagram ? [[`${number}:UDP`, 'UDP']] : []
    return [
      ...kind,
      [`${number}:addr`, address],
      [`${number}:state`, isDatagram ? 'conn_read' : 'conn_listening'],
      [`${number}:secs_since_last_cmd`, `${uptime}`],
    ] satisfies Statistic[]
  })
