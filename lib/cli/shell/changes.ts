import type { ClientChange } from '../../client/changes/client-change.js'
import { endpointOf } from '../arguments/endpoint.js'
import type { Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import { openFollower } from './cache/open-client.js'
import type { RawValue } from './cache/raw-format.js'
import { toolErrorOf } from './cache/tool-error.js'
import { bytesFields, jsonLine } from './json-line.js'
import { withPercents } from './percents.js'

/** Ends only by a signal, by an error, or when nobody reads its output any more. */
export const changes: Run = async (given, io) => {
  const endpoint = endpointOf(given, io.environment)
  const client = openFollower(endpoint)
  const show = given.has('json') ? asJson : asWords
  try {
    const options = {
      prefix: given.operands[0] ?? '',
      since: given.text('since'),
      initial: given.has('initial'),
      values: given.has('values'),
    }
    for await (const change of client.changes<RawValue>(options)) await io.write(show(change))
  } catch (error) {
    throw toolErrorOf(error, endpoint, 'text')
  } finally {
    await client.close()
  }
  return ExitCode.OK
}

function asJson(change: ClientChange<RawValue>): string {
  const { kind, key, prefix, cas, size, ttl, value, position, after } = change
  const { value: name, base64: key64 } = { ...(key !== undefined && fieldsOf(key)) }
  const { value: begin, base64: prefix64 } = { ...(prefix !== undefined && fieldsOf(prefix)) }
  const fields = { kind, key: name, key64, prefix: begin, prefix64, cas, size, ttl, flags: value?.flags }
  return jsonLine({ ...fields, ...(value && bytesFields(value.bytes)), position, after })
}

const fieldsOf = (key: string | Buffer): { value?: string; base64?: string } => bytesFields(Buffer.from(key))

function asWords(change: ClientChange<RawValue>): string {
  const { kind, key, prefix, cas, size, ttl, value, position, after } = change
  const fields = [
    ['prefix', prefix === undefined ? undefined : withPercents(Buffer.from(prefix))],
    ['cas', cas],
    ['size', size],
    ['ttl', ttl],
    ['flags', value?.flags],
    ['value', value && withPercents(value.bytes)],
    ['position', position],
    ['after', after],
  ].flatMap(([name, field]) => (field === undefined ? [] : [`${name}=${field}`]))
  const words = key === undefined ? [kind] : [kind, withPercents(Buffer.from(key))]
  return `${[...words, ...fields].join(' ')}\n`
}
