import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pattern } from '../support/pattern.js'
import { ServerProcess, spawnServer } from '../support/server.js'
import { line } from '../support/text-replies.js'
import { LONG_VALUE_COUNT, LONG_VALUE_LENGTH } from './crowd.js'

const PREFIX_COUNT = 200
const PREFIX_LENGTH = 150

/**
 * A server with some items. It listens on a unix socket, whose buffers are small: over TCP a thousand clients that do not
 * read would fill the kernel's memory before the server's.
 */
export async function startServer(
  options: readonly string[],
  command?: readonly string[],
): Promise<{ server: ServerProcess; path: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-hostile-'))
  const path = join(folder, 'socket')
  const given = command === undefined ? {} : { command }
  const server = new ServerProcess(
    { path },
    spawnServer(['-s', path, '-m', '64', '-c', '2000', ...options], given),
  )
  await server.untilAccepting()
  await fill(server)
  const stop = async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  }
  return { server, path, stop }
}

async function fill(server: ServerProcess): Promise<void> {
  const connection = await server.connect()
  const value = pattern(LONG_VALUE_LENGTH)
  const ask = async (request: Buffer, reply: string) => {
    connection.send(request)
    await connection.receiveUntil(line(reply))
  }
  await ask(line('stats detail on'), 'OK')
  for (let number = 0; number < LONG_VALUE_COUNT; number++)
    await ask(Buffer.concat([line(`set long${number} 0 0 ${value.length}`), value, line('')]), 'STORED')
  for (let number = 0; number < PREFIX_COUNT; number++)
    await ask(line(`get ${String(number).padEnd(PREFIX_LENGTH, 'p')}:key`), 'END')
  connection.close()
}
