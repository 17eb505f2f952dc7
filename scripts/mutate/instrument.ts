/**
 * A compiled file with some of its mutants, each behind a switch. `a < b` becomes `(isActive(7) ? (a <= b) : (a < b))`. One process
 * can then try many mutants, because modules need not be loaded again.
 */
import { pathToFileURL } from 'node:url'
import { codeOf, type Mutant } from './mutants.js'

export interface NumberedMutant extends Mutant {
  readonly id: number
}

const SWITCH = '$isActive'

/** `mutants` are those of one file. `switches` is the path of switches.js. */
export function instrument(mutants: readonly NumberedMutant[], switches: string): string {
  const { source } = mutants[0]!
  const line = `import { isActive as ${SWITCH} } from ${JSON.stringify(pathToFileURL(switches).href)};`
  return `${render(source, 0, source.length, mutants)}\n${line}\n`
}

/** `source.slice(start, end)` with switches for `mutants`, which lie in it. */
function render(source: string, start: number, end: number, mutants: readonly NumberedMutant[]): string {
  // The outer first, and what is put before a statement before its switch.
  const left = mutants.toSorted(
    (a, b) => a.switchStart - b.switchStart || lengthOf(a, b) || b.switchEnd - a.switchEnd,
  )
  let code = ''
  let at = start
  while (left.length > 0) {
    const [first] = left
    const { switchStart, switchEnd } = first!
    const inside = left.splice(0, countInside(left, switchStart, switchEnd))
    const own = inside.filter(
      (mutant) => mutant.switchStart === switchStart && mutant.switchEnd === switchEnd,
    )
    const inner = render(
      source,
      switchStart,
      switchEnd,
      inside.filter((mutant) => !own.includes(mutant)),
    )
    code += source.slice(at, switchStart) + switched(own, inner)
    at = switchEnd
  }
  return code + source.slice(at, end)
}

function lengthOf(a: Mutant, b: Mutant): number {
  return Number(a.switchEnd > a.switchStart) - Number(b.switchEnd > b.switchStart)
}

function countInside(mutants: readonly Mutant[], start: number, end: number): number {
  const isPoint = start === end
  const index = mutants.findIndex(({ switchStart, switchEnd }) =>
    isPoint ? switchEnd > start : switchStart >= end,
  )
  return index === -1 ? mutants.length : index
}

function switched(mutants: readonly NumberedMutant[], inner: string): string {
  const { switchStart, switchEnd, start, end, after } = mutants[0]!
  const isOn = (): string => mutants.map(({ id }) => `${SWITCH}(${id})`).join(' || ')
  if (switchStart === switchEnd) return `if (${isOn()}) ${after}`
  // A statement is removed as a whole.
  if (after === ';' && start === switchStart && end === switchEnd) return `{ if (!(${isOn()})) { ${inner} } }`
  const changed = mutants.map((mutant) => `${SWITCH}(${mutant.id}) ? (${mutatedPart(mutant)}) : `)
  return `(${changed.join('')}(${inner}))`
}

function mutatedPart(mutant: Mutant): string {
  const { source, switchStart, switchEnd } = mutant
  const code = codeOf(mutant)
  return code.slice(switchStart, code.length - (source.length - switchEnd))
}
