import { encodeFrame, request } from '../../protocol/index.js'
import { BinaryClient } from '../client/binary-client.js'
import { ClientError } from '../client/client-error.js'
import type { Endpoint } from '../client/connection.js'
import { TextClient } from '../client/text-client.js'

/** A limit per batch, so that the error replies fit into the buffers of the connection. */
const BATCH_COUNT = 100

/** Deletes the keys of the run. If the server does not answer any more, they stay. */
export async function removeKeys(
  keys: Iterable<string>,
  endpoint: Endpoint,
  isBinary: boolean,
): Promise<void> {
  // Longer keys were refused when they were used, and would be refused again.
  const names = [...keys]
    .map((key) => Buffer.from(key, 'latin1'))
    .filter(({ length }) => length <= KEY_LENGTH_MAX)
  try {
    await (isBinary ? removeByFrames(names, endpoint) : removeByLines(names, endpoint))
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
  }
}

async function removeByFrames(keys: readonly Buffer[], endpoint: Endpoint): Promise<void> {
  const client = await BinaryClient.open(endpoint)
  for (const batch of batchesOf(keys)) {
    client.connection.send(Buffer.concat(batch.map((key) => encodeFrame(request('deleteq', { key })))))
    // Misses are answered before the noop is.
    let reply = await client.ask('noop')
    while (reply.opcode !== NOOP) reply = await client.nextReply()
  }
  client.close()
}

const NOOP = request('noop').opcode

/** Keys that text cannot express were refused when they were used. */
async function removeByLines(keys: readonly Buffer[], endpoint: Endpoint): Promise<void> {
  const client = await TextClient.open(endpoint)
  const sayable = keys.filter((key) => key.every((byte) => byte > SPACE))
  for (const batch of batchesOf(sayable)) {
    const lines = batch.map((key) =>
      Buffer.concat([Buffer.from('delete '), key, Buffer.from(' noreply\r\n')]),
    )
    client.connection.send(Buffer.concat(lines))
    await client.ask('version')
  }
  client.close()
}

const KEY_LENGTH_MAX = 250
const SPACE = 0x20

function* batchesOf<Each>(all: readonly Each[]): Generator<readonly Each[]> {
  for (let start = 0; start < all.length; start += BATCH_COUNT) yield all.slice(start, start + BATCH_COUNT)
}
