import { join } from 'node:path'
import { readSmallFileIfAny } from './small-file.js'

const LIST = /^[ \t]*mech_list[ \t]*:(.*)$/im

/** The mechanisms that `memcached.conf` in this directory lists: in upper case, each once. Undefined without a list. */
export function mechanismList(folder: string | undefined): readonly string[] | undefined {
  if (!folder) return undefined
  const list = LIST.exec(readSmallFileIfAny(join(folder, 'memcached.conf')).toString('latin1'))?.[1]?.trim()
  if (!list) return undefined
  return [...new Set(list.toUpperCase().split(/\s+/))]
}
