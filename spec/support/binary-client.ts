import type { Connection } from './connection.js'
import { HEADER_LENGTH, keyIn, Op, request, statusOf, valueIn } from './frames.js'

/** One whole reply. */
export async function receiveFrame(connection: Connection): Promise<Buffer> {
  const header = await connection.receive(HEADER_LENGTH)
  return Buffer.concat([header, await connection.receive(header.readUInt32BE(8))])
}

/** Sends requests. Returns the reply to the last of them; the others must be quiet. */
export async function exchange(connection: Connection, ...requests: Buffer[]): Promise<Buffer> {
  connection.send(Buffer.concat(requests))
  return receiveFrame(connection)
}

/** Every statistic of a group, in the order of arrival. */
export async function statistics(connection: Connection, group = ''): Promise<Map<string, string>> {
  connection.send(request(Op.STAT, { key: group }))
  const all = new Map<string, string>()
  while (true) {
    const frame = await receiveFrame(connection)
    if (statusOf(frame) !== 0) throw new Error(`no statistics of the group '${group}'`)
    if (keyIn(frame) === '' && valueIn(frame).length === 0) return all
    all.set(keyIn(frame), valueIn(frame).toString('latin1'))
  }
}

/** One statistic as a number. */
export async function statistic(connection: Connection, name: string): Promise<number> {
  return Number((await statistics(connection)).get(name))
}
