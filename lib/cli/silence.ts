import { ClientError } from '../check/client/client-error.js'
import type { Endpoint } from '../check/client/connection.js'
import { TextClient } from '../check/client/text-client.js'

/**
 * A server that speaks text alone waits for the end of a line in what is a request of the binary protocol to us, and never
 * answers: one that wants a login in text does so. It is asked in text then, so that the user learns which option is missing.
 */
export async function explainSilence<Result>(
  endpoint: Endpoint,
  ask: () => Promise<Result>,
): Promise<Result> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== 'SILENT') throw error
    const answer = await answerInText(endpoint)
    if (answer === 'CLIENT_ERROR unauthenticated')
      throw new ClientError('LOGIN_REFUSED', 'the server wants a login in text; give --text and --sasl')
    if (answer.startsWith('VERSION '))
      throw new ClientError('WRONG_PROTOCOL', 'the server answers in text, not in binary; give --text')
    throw error
  }
}

async function answerInText(endpoint: Endpoint): Promise<string> {
  try {
    const client = await TextClient.open({ ...endpoint, credentials: undefined })
    try {
      client.send('version')
      return (await client.readLine()).words.join(' ')
    } finally {
      client.close()
    }
  } catch {
    return ''
  }
}
