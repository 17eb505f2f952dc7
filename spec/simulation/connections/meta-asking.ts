import { Command } from '../../../lib/request/command.js'
import { Status } from '../../../lib/request/status.js'
import type { Random } from '../../support/random.js'
import { line } from '../../support/text-replies.js'
import type { KeyModel } from '../key-model.js'
import type { Operation } from '../outcome.js'
import { type Asked, SILENCE, secondsLeft, type Told } from './asked.js'
import { LINE_END, TEXT_ERRORS } from './text-asking.js'

const MODES: Partial<Record<Command, string>> = {
  [Command.SET]: 'S',
  [Command.ADD]: 'E',
  [Command.REPLACE]: 'R',
  [Command.APPEND]: 'A',
  [Command.PREPEND]: 'P',
  [Command.INCREMENT]: 'I',
  [Command.DECREMENT]: 'D',
}

/** A request about an item, with flags in any order, which the reply must have, too. */
export function askMeta(
  random: Random,
  quietShare: number,
  key: KeyModel,
  given: Operation,
  opaque: number,
): Asked {
  const operation = operationFor(random, given)
  const isQuiet = random.chance(quietShare)
  const isBase64 = random.chance(0.1) && key.key.length <= BASE64_KEY_MAX
  const name = isBase64 ? key.key.toString('base64') : key.name
  const asking = askingFlags(operation)
  const telling = shuffled(random, tellingFlags(operation)).filter(() => random.chance(0.6))
  const letters = [...telling, ...(random.chance(0.6) ? ['O'] : []), ...(random.chance(0.3) ? ['k'] : [])]
  const words = [
    ...shuffled(random, [...asking, ...(isQuiet ? ['q'] : []), ...(isBase64 ? ['b'] : [])]),
    ...shuffled(random, letters).map((letter) => (letter === 'O' ? `O${opaque}` : letter)),
  ]
  const asked = words.filter((word) => !asking.includes(word) && word !== 'q' && word !== 'b')
  const keyWord = isBase64 ? `k${name} b` : `k${name}`
  const replyTo = (told: Told): readonly Buffer[] => replyOf(operation, told, asked, isQuiet, keyWord)
  const { command, value } = operation
  const isMarked = verbOf(command) === 'mg' && !isStore(command)
  const parts = [{ item: { key, operation }, isMarked, reply: replyTo }]
  if (!isStore(command))
    return { bytes: [line([verbOf(command), name, ...words].join(' '))], parts, isLast: false }
  const head = line(['ms', name, `${value.length}`, ...words].join(' '))
  return { bytes: [head, value, LINE_END], parts, isLast: false }
}

/** How the meta protocol expresses an operation. */
function operationFor(random: Random, given: Operation): Operation {
  const { command } = given
  const isGet = command === Command.GET || command === Command.GET_AND_TOUCH || command === Command.TOUCH
  const cas = isGet || command === Command.ADD ? 0 : given.cas
  const mayVivify = command === Command.GET || command === Command.APPEND || command === Command.PREPEND
  const vivify = mayVivify && cas === 0 && random.chance(0.3) ? given.expiry : undefined
  const isMarked = command === Command.DELETE && random.chance(0.4)
  const invalidates = isMarked ? random.pick(['touching', 'keeping'] as const) : undefined
  const recache =
    command === Command.GET && vivify === undefined && random.chance(0.3) ? 1 + random.below(30) : undefined
  const mayBeStale =
    (command === Command.SET || command === Command.REPLACE) && cas !== 0 && random.chance(0.4)
  return { ...given, cas, mayBeStale, vivify, invalidates, recache, removesOutdated: isStore(command) }
}

const verbOf = (command: Command): string => {
  if (command === Command.DELETE) return 'md'
  return isCounter(command) ? 'ma' : 'mg'
}

const isCounter = (command: Command): boolean =>
  command === Command.INCREMENT || command === Command.DECREMENT

const isStore = (command: Command): boolean => MODES[command] !== undefined && !isCounter(command)

/** The command. */
function askingFlags(operation: Operation): string[] {
  const { command, cas, expiry, clientFlags, delta, initial, vivify, invalidates, recache } = operation
  const named = cas === 0 ? [] : [`C${cas}`]
  switch (command) {
    case Command.GET:
      return [
        ...(vivify === undefined ? [] : [`N${vivify}`]),
        ...(recache === undefined ? [] : [`R${recache}`]),
      ]
    case Command.TOUCH:
    case Command.GET_AND_TOUCH:
      return [`T${expiry}`]
    case Command.DELETE:
      if (invalidates === undefined) return named
      return [...named, 'I', ...(invalidates === 'touching' ? [`T${expiry}`] : [])]
    case Command.INCREMENT:
    case Command.DECREMENT:
      return [
        ...named,
        `D${delta}`,
        `M${MODES[command]}`,
        ...(initial === undefined ? [] : [`N${expiry}`, `J${initial}`]),
      ]
    case Command.APPEND:
    case Command.PREPEND:
      return [
        ...named,
        `M${MODES[command]}`,
        `F${clientFlags >>> 0}`,
        ...(vivify === undefined ? [] : [`N${vivify}`]),
      ]
    default:
      return [
        ...named,
        ...(operation.mayBeStale === true ? ['I'] : []),
        `M${MODES[command]}`,
        `F${clientFlags >>> 0}`,
        `T${expiry}`,
      ]
  }
}

/** The flags that a reply may return. */
function tellingFlags({ command }: Operation): string[] {
  if (command === Command.DELETE) return []
  if (isCounter(command)) return ['v', 'c', 't']
  if (isStore(command)) return ['c', 's']
  return command === Command.TOUCH ? ['f', 'c', 's', 't'] : ['v', 'f', 'c', 's', 't']
}

function replyOf(
  operation: Operation,
  told: Told,
  asked: readonly string[],
  isQuiet: boolean,
  keyWord: string,
): readonly Buffer[] {
  const { command } = operation
  const { status, before, after } = told
  const isGet = verbOf(command) === 'mg' && !isStore(command)
  const isOk = status === Status.OK
  const code = codeOf(operation, status)
  if (code === undefined)
    return [
      line(
        isCounter(command) && status === Status.OUT_OF_MEMORY
          ? 'SERVER_ERROR out of memory'
          : TEXT_ERRORS[status]!,
      ),
    ]
  const isExpected = isGet
    ? status === Status.NOT_FOUND
    : isOk && !(isCounter(command) && before === undefined)
  if (isQuiet && isExpected) return SILENCE
  const fact = (word: string): string => factOf(word, operation, told, keyWord)
  const flags = asked.map(fact).filter((word) => word !== '')
  const marks = isGet && isOk ? told.marks : ''
  const value = isCounter(command) ? numberOf(after) : (before ?? after)?.value
  const tellsValue = isOk && asked.includes('v')
  const words = [tellsValue ? `VA ${value!.length}` : code, ...flags].join(' ') + marks
  return tellsValue ? [line(words), value!, LINE_END] : [line(words)]
}

const numberOf = (state: Told['after']): Buffer | undefined =>
  state && Buffer.from(state.value.toString('latin1').trimEnd(), 'latin1')

/** How one flag is returned; empty if it is not. A set returns flags even if it has not stored. */
function factOf(word: string, { command, value }: Operation, told: Told, keyWord: string): string {
  const { status, before, after, now } = told
  if (word === 'k') return keyWord
  if (word.startsWith('O')) return word
  const isOk = status === Status.OK
  if (!isOk && !isStore(command)) return ''
  const item = isStore(command) || isCounter(command) ? after : (before ?? after)
  switch (word) {
    case 'c':
      return `c${isOk ? item!.cas : 0}`
    case 's':
      return `s${isOk ? item!.value.length : value.length}`
    case 'f':
      return `f${item!.clientFlags >>> 0}`
    case 't':
      return `t${secondsLeft(after, now)}`
    default:
      return ''
  }
}

function codeOf({ command, cas }: Operation, status: Status): string | undefined {
  const isRefusedStore = (command === Command.ADD || command === Command.REPLACE) && cas === 0
  switch (status) {
    case Status.OK:
      return 'HD'
    case Status.NOT_FOUND:
      if (isRefusedStore) return 'NS'
      return isStore(command) || isCounter(command) || command === Command.DELETE ? 'NF' : 'EN'
    case Status.EXISTS:
      return isRefusedStore ? 'NS' : 'EX'
    case Status.NOT_STORED:
      return 'NS'
    default:
      return undefined
  }
}

/** Base64 encodes three bytes as four. */
const BASE64_KEY_MAX = 186

function shuffled<Value>(random: Random, values: readonly Value[]): Value[] {
  const left = [...values]
  const mixed: Value[] = []
  while (left.length > 0) mixed.push(...left.splice(random.below(left.length), 1))
  return mixed
}
