import { readFileSync } from 'node:fs'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { parseAddress, showAddress } from '../../check/client/address.js'
import { reasonOf } from '../../journal/disk/system-error.js'
import { tokenIn } from '../../server/auth/token-file.js'
import type { ParsedArguments } from '../arguments/parsed-arguments.js'
import { Refusal } from '../arguments/refusal.js'
import type { Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'

/** `keepcached profile`: of a server with an admin listener, or of a program with `keepcached/profiling`. */
export const profile: Run = async (given, io) => {
  const address = parseAddress(given.operands[0]!)
  if ('path' in address) throw new Refusal(ExitCode.USAGE, 'profile: an address is HOST:PORT')
  const headers = headersOf(given.text('token-file'))
  const request = httpGet({ ...address, path: pathOf(given), headers, agent: false })
  const response = await responseTo(request).catch((error: NodeJS.ErrnoException) => {
    throw new Refusal(ExitCode.UNAVAILABLE, `${showAddress(address)}: ${error.message}`)
  })
  const { statusCode = 0 } = response
  if (statusCode !== 200) throw refusalOf(statusCode, await textOf(response))
  try {
    for await (const piece of response) await io.write(piece)
  } catch {
    throw new Refusal(ExitCode.UNAVAILABLE, `${showAddress(address)}: the connection was closed too early`)
  }
  return ExitCode.OK
}

function pathOf(given: ParsedArguments): string {
  const isHeap = given.has('heap')
  if (isHeap && given.has('seconds'))
    throw new Refusal(ExitCode.USAGE, 'profile: --heap and --seconds exclude each other')
  // The server knows the bounds.
  const parameters = ['seconds', 'worker'].flatMap((name) => {
    const text = given.text(name)
    return text === undefined ? [] : [`${name}=${encodeURIComponent(text)}`]
  })
  return `/debug/${isHeap ? 'heap' : 'profile'}${parameters.length > 0 ? '?' : ''}${parameters.join('&')}`
}

function headersOf(tokenFile: string | undefined): Record<string, string> {
  if (tokenFile === undefined) return {}
  try {
    return { authorization: `Bearer ${tokenIn(readFileSync(tokenFile))}` }
  } catch (error) {
    throw new Refusal(ExitCode.NO_INPUT, `--token-file: ${tokenFile} cannot be used: ${reasonOf(error)}`)
  }
}

const responseTo = (request: ReturnType<typeof httpGet>): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
  })

/** A refusal is one line. */
async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk
    if (text.length > REFUSAL_LENGTH_MAX) break
  }
  return text
}

function refusalOf(status: number, text: string): Refusal {
  const [, sentence] = /^\{"error":(".*")\}\s*$/.exec(text) ?? []
  const words = sentence === undefined ? `status ${status}` : JSON.parse(sentence)
  const isToken = status === 401 || status === 403
  return new Refusal(isToken ? ExitCode.NO_PERMISSION : ExitCode.PROTOCOL, `the server refuses: ${words}`)
}

const REFUSAL_LENGTH_MAX = 4096
