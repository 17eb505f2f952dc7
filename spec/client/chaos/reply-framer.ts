import type { ClientProtocol } from '../../../lib/client/index.js'

/** Cuts the bytes of a server into messages. It shares no code with lib. */
export class ReplyFramer {
  private held: Buffer = Buffer.alloc(0)
  private readonly endOf: (bytes: Buffer) => number

  constructor(protocol: ClientProtocol) {
    this.endOf = protocol === 'binary' ? endOfFrame : endOfLine
  }

  takeMessages(chunk: Buffer): Buffer[] {
    let rest = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk])
    const messages: Buffer[] = []
    for (let end = this.endOf(rest); end > 0; end = this.endOf(rest)) {
      messages.push(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
    this.held = rest
    return messages
  }
}

/** 0: the message is not complete. */
function endOfFrame(bytes: Buffer): number {
  if (bytes.length < 24) return 0
  const end = 24 + bytes.readUInt32BE(8)
  return end > bytes.length ? 0 : end
}

function endOfLine(bytes: Buffer): number {
  const lineEnd = bytes.indexOf('\r\n')
  if (lineEnd < 0) return 0
  const [verb, first, , third] = bytes.toString('latin1', 0, lineEnd).split(' ')
  let end = lineEnd + 2
  if (verb === 'VA') end += Number(first) + 2
  if (verb === 'VALUE') end += Number(third) + 2
  return end > bytes.length ? 0 : end
}
