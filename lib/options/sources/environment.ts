/**
 * Options from the environment, for containers: `KEEPCACHED_MEMORY_LIMIT=1024` means `--memory-limit=1024`.
 * The names follow from the table of options (`environmentNameOf`). An empty variable counts as missing.
 */
import { TWIN_PREFIX } from '../table/option-row.js'
import { ENVIRONMENT_NAMES } from './spellings.js'
import type { Typed } from './typed.js'

export type Environment = Readonly<Record<string, string | undefined>>

export function readEnvironment(environment: Environment): Typed[] {
  return ownVariables(environment).flatMap(([spelling, argument]) => {
    const meaning = ENVIRONMENT_NAMES.get(spelling)?.meaning
    return meaning === undefined ? [] : [{ spelling, place: '', meaning, argument }]
  })
}

/** Unknown variables with the prefix of our options, except those of the tools. */
export function unknownVariables(environment: Environment): string[] {
  return ownVariables(environment)
    .map(([name]) => name)
    .filter((name) => !ENVIRONMENT_NAMES.has(name) && !OF_TOOLS.includes(name))
}

const OF_TOOLS = [`${TWIN_PREFIX}SERVER`, `${TWIN_PREFIX}SASL`]

function ownVariables(environment: Environment): [name: string, value: string][] {
  return Object.entries(environment).filter(
    (entry): entry is [string, string] =>
      entry[0].startsWith(TWIN_PREFIX) &&
      Boolean(entry[1]) &&
      !isFromKubernetes(...(entry as [string, string])),
  )
}

/**
 * Kubernetes describes every service to containers by variables. Those of a service called keepcached have the prefix of
 * our options.
 */
function isFromKubernetes(name: string, value: string): boolean {
  return KUBERNETES_NAME.test(name) || (name === `${TWIN_PREFIX}PORT` && KUBERNETES_PORT.test(value))
}

const KUBERNETES_NAME = new RegExp(`^${TWIN_PREFIX}(?:SERVICE_(?:HOST|PORT)|PORT_\\d+_(?:TCP|UDP))`)
const KUBERNETES_PORT = /^(?:tcp|udp):\/\//
