import { ClientError } from '../../../check/client/client-error.js'
import type { Endpoint } from '../../../check/client/connection.js'
import { ClientError as TextClientError } from '../../../client/client-error.js'
import { openClient } from './open-client.js'

/**
 * A server that accepts only text, as every server with a login in text, waits for a line end in a binary request, and
 * never answers. The tool then tries text, so that its error can name the missing option.
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
    if (answer === 'login')
      throw new ClientError('LOGIN_REFUSED', 'the server requires a login in text; give --text and --sasl')
    if (answer === 'version')
      throw new ClientError('WRONG_PROTOCOL', 'the server answers in text, not in binary; give --text')
    throw error
  }
}

async function answerInText(endpoint: Endpoint): Promise<'version' | 'login' | undefined> {
  const client = openClient({ ...endpoint, credentials: undefined }, 'text')
  try {
    await client.version()
    return 'version'
  } catch (error) {
    return error instanceof TextClientError && error.code === 'AUTH' ? 'login' : undefined
  } finally {
    await client.close()
  }
}
