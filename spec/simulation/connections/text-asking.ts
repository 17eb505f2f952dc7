import { Command } from '../../../lib/request/command.js'
import { Status } from '../../../lib/request/status.js'
import type { Random } from '../../support/random.js'
import { line } from '../../support/text-replies.js'
import type { ItemState, KeyModel } from '../key-model.js'
import type { Operation } from '../outcome.js'
import { type Asked, type Part, SILENCE, type Told } from './asked.js'

/** Words that all verbs have, and others for verbs with another form. */
export const TEXT_ERRORS: Partial<Record<Status, string>> = {
  [Status.NOT_FOUND]: 'NOT_FOUND',
  [Status.EXISTS]: 'EXISTS',
  [Status.TOO_LARGE]: 'SERVER_ERROR object too large for cache',
  [Status.NOT_STORED]: 'NOT_STORED',
  [Status.NOT_A_NUMBER]: 'CLIENT_ERROR cannot increment or decrement non-numeric value',
  [Status.OUT_OF_MEMORY]: 'SERVER_ERROR out of memory storing object',
  [Status.TEMPORARY_FAILURE]: 'SERVER_ERROR temporary failure',
}

const VERBS: Partial<Record<Command, string>> = {
  [Command.TOUCH]: 'touch',
  [Command.SET]: 'set',
  [Command.ADD]: 'add',
  [Command.REPLACE]: 'replace',
  [Command.APPEND]: 'append',
  [Command.PREPEND]: 'prepend',
  [Command.DELETE]: 'delete',
  [Command.INCREMENT]: 'incr',
  [Command.DECREMENT]: 'decr',
}

/** A request about an item, or, for a get, about `others` too. Only sets have a cas, and no counter is created. */
export function askText(
  random: Random,
  quietShare: number,
  key: KeyModel,
  given: Operation,
  others: readonly KeyModel[],
): Asked {
  const { command } = given
  const cas = command === Command.SET ? given.cas : 0
  // With a cas a set that fails leaves the old item.
  const operation: Operation = {
    ...given,
    cas,
    initial: undefined,
    removesOutdated: command === Command.SET && cas === 0,
  }
  if (command === Command.GET || command === Command.GET_AND_TOUCH)
    return askForKeys(random, operation, command === Command.GET ? [key, ...others] : [key])
  const isQuiet = random.chance(quietShare)
  const ending = isQuiet ? ' noreply' : ''
  const replyTo = (told: Told): readonly Buffer[] => (isQuiet ? SILENCE : [line(wordFor(operation, told))])
  const { value, clientFlags, expiry } = operation
  const parts = [{ item: { key, operation }, reply: replyTo }]
  if (!HAS_VALUE.has(command))
    return {
      bytes: [line(`${VERBS[command]} ${key.name}${argumentOf(operation)}${ending}`)],
      parts,
      isLast: false,
    }
  const verb = cas === 0 ? VERBS[command] : 'cas'
  const words = `${verb} ${key.name} ${clientFlags >>> 0} ${expiry} ${value.length}${cas === 0 ? '' : ` ${cas}`}`
  return { bytes: [line(words + ending), value, LINE_END], parts, isLast: false }
}

/** Requests several keys in one line: END follows the last of them. */
function askForKeys(random: Random, operation: Operation, keys: readonly KeyModel[]): Asked {
  const tellsCas = random.chance(0.7)
  const isTouch = operation.command === Command.GET_AND_TOUCH
  const verb = (isTouch ? 'gat' : 'get') + (tellsCas ? 's' : '')
  const parts = keys.map((key, index): Part => {
    const isLast = index === keys.length - 1
    return {
      item: { key, operation },
      reply: ({ status, before }) => [
        ...(status === Status.OK ? itemLines(key, before!, tellsCas) : SILENCE),
        ...(isLast ? [status === Status.TEMPORARY_FAILURE ? line(TEXT_ERRORS[status]!) : END] : SILENCE),
      ],
    }
  })
  const names = keys.map(({ name }) => name).join(' ')
  return {
    bytes: [line(isTouch ? `${verb} ${operation.expiry} ${names}` : `${verb} ${names}`)],
    parts,
    isLast: false,
  }
}

/** In text and in meta. */
export function flushText(random: Random, quietShare: number, expiry: number): Asked {
  const isQuiet = random.chance(quietShare)
  const words = (expiry === 0 ? 'flush_all' : `flush_all ${expiry}`) + (isQuiet ? ' noreply' : '')
  const replyTo = ({ status }: Told): readonly Buffer[] => {
    if (isQuiet) return SILENCE
    return [line(status === Status.OK ? 'OK' : TEXT_ERRORS[status]!)]
  }
  return { bytes: [line(words)], parts: [{ flushExpiry: expiry, reply: replyTo }], isLast: false }
}

export const noopMeta = (): Asked => ({
  bytes: [line('mn')],
  parts: [{ reply: () => [line('MN')] }],
  isLast: false,
})

export const quitText = (): Asked => ({
  bytes: [line('quit')],
  parts: [{ reply: () => SILENCE }],
  isLast: true,
})

function itemLines({ name }: KeyModel, state: ItemState, tellsCas: boolean): readonly Buffer[] {
  const { clientFlags, value, cas } = state
  return [
    line(`VALUE ${name} ${clientFlags >>> 0} ${value.length}${tellsCas ? ` ${cas}` : ''}`),
    value,
    LINE_END,
  ]
}

function argumentOf({ command, expiry, delta }: Operation): string {
  if (command === Command.DELETE) return ''
  return ` ${command === Command.TOUCH ? expiry : delta}`
}

function wordFor({ command, cas }: Operation, { status, after }: Told): string {
  const isCounter = command === Command.INCREMENT || command === Command.DECREMENT
  if (status === Status.OK) {
    if (isCounter) return after!.value.toString('latin1').trimEnd()
    if (command === Command.DELETE) return 'DELETED'
    return command === Command.TOUCH ? 'TOUCHED' : 'STORED'
  }
  if (isCounter && status === Status.OUT_OF_MEMORY) return 'SERVER_ERROR out of memory'
  const isRefused = status === Status.EXISTS || status === Status.NOT_FOUND
  return isRefused && HAS_VALUE.has(command) && cas === 0 ? 'NOT_STORED' : TEXT_ERRORS[status]!
}

const HAS_VALUE: ReadonlySet<Command> = new Set([
  Command.SET,
  Command.ADD,
  Command.REPLACE,
  Command.APPEND,
  Command.PREPEND,
])
export const LINE_END = line('')
const END = line('END')
