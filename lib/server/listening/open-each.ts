import net from 'node:net'
import { reasonOf } from '../../journal/disk/system-error.js'
import { type NameOption, startError } from '../../options/start-error.js'

/**
 * Opens a socket at each address of a host; no host means every interface. A host name may have several
 * addresses, and the machine need not have all of them. `words` names the port in errors.
 */
export async function openEach<Opened extends { readonly port: number; close(): Promise<void> }>(
  host: string | undefined,
  port: number,
  words: PortWords,
  open: (address: string, port: number) => Promise<Opened>,
): Promise<Opened[]> {
  const { portWord, option } = words
  const place: Place = (nameOf) =>
    host === undefined
      ? `${portWord} ${port} (${nameOf(option)})`
      : `${host}, ${portWord} ${port} (${nameOf('listen')}, ${nameOf(option)})`
  const addresses = host === undefined ? EVERY_INTERFACE : await resolve(host, place)
  const opened: Opened[] = []
  let failure: unknown
  for (const address of addresses) {
    try {
      // All addresses of one name share one port, also if any free one may be used.
      opened.push(await open(address, port === 0 ? (opened[0]?.port ?? 0) : port))
    } catch (error) {
      failure = error
      if (!isMissingFamily(error)) break
    }
  }
  if (failure !== undefined && (opened.length === 0 || !isMissingFamily(failure))) {
    await Promise.all(opened.map((socket) => socket.close()))
    throw explained(failure, place)
  }
  return opened
}

/** What the port is called, and the option that gives it. */
export interface PortWords {
  readonly portWord: string
  readonly option: 'port' | 'udpPort'
}

/** Both, if the machine has both: the one for IPv6 accepts IPv6 only. */
const EVERY_INTERFACE = ['0.0.0.0', '::']
const LOOKUP_MS_MAX = 2000

/** What was to be opened, with the options that say so. */
export type Place = (nameOf: NameOption) => string

/** The addresses of a host. */
export async function resolve(host: string, place: Place): Promise<string[]> {
  if (net.isIP(host) !== 0) return [host]
  const { lookup } = process.getBuiltinModule('node:dns/promises')
  const timeout = new Promise<never>((_, reject) => {
    const tooLate = Object.assign(new Error('too late'), { code: 'EAI_AGAIN' })
    setTimeout(() => reject(tooLate), LOOKUP_MS_MAX).unref()
  })
  try {
    const found = await Promise.race([lookup(host, { all: true }), timeout])
    return found.map(({ address }) => address)
  } catch (error) {
    throw explained(error, place)
  }
}

/** This machine has no such address, or no IPv6 at all. */
const isMissingFamily = (error: unknown): boolean =>
  codeOf(error) === 'EAFNOSUPPORT' || codeOf(error) === 'EADDRNOTAVAIL'

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? ''

/** The error as a sentence for the operator, with the code of the system's error. */
export function explained(error: unknown, place: Place, sentences: Sentences = SENTENCES): Error {
  const reason = sentences[codeOf(error)] ?? reasonOf(error)
  return startError((nameOf) => `cannot listen on ${place(nameOf)}: ${reason}`, error)
}

export type Sentences = Readonly<Record<string, string>>

/** Texts for codes whose system message says less. */
const SENTENCES: Sentences = {
  EADDRINUSE: 'it is in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  EAFNOSUPPORT: 'this machine has no addresses of this kind',
  ENOTFOUND: 'there is no such name',
  EBADF: 'it is not open',
  EINVAL: 'it is not a socket that listens',
  EAI_AGAIN: 'the name could not be resolved',
}

export const hostPort = ({ address, family, port }: net.AddressInfo): string =>
  family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
