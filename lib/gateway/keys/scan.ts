import type { EngineNode } from '../engines/engine-node.js'

/** The keys of one node that begin with the prefix, a portion at a time. A key may come twice. */
export async function* scanKeys(node: EngineNode, prefix: Buffer, portion: number): AsyncGenerator<Buffer[]> {
  const pattern = patternFor(prefix)
  let cursor = '0'
  do {
    const reply = await node.call('scan', cursor, 'MATCH', pattern, 'COUNT', String(portion))
    const [next, keys] = reply as [Buffer, Buffer[]]
    cursor = next.toString()
    if (keys.length > 0) yield keys
  } while (cursor !== '0')
}

/** Everything after the prefix, whose special characters stand for themselves. */
function patternFor(prefix: Buffer): Buffer {
  return Buffer.from(`${prefix.toString('latin1').replace(/[\\*?[\]]/g, '\\$&')}*`, 'latin1')
}
