/** All mutations of a compiled file, with their places in the source. */
import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { type AnyNode, parse } from 'acorn'
import { childrenOf, type Mutation, OPERATORS } from './operators.js'

export interface Mutant extends Mutation {
  /** Below lib, without its ending: `store/items`. */
  readonly file: string
  /** Of the TypeScript source, from 1. */
  readonly line: number
  /** The compiled file as it should be. */
  readonly source: string
  /** What is switched: an expression, a statement, or nothing, before a statement. */
  readonly switchStart: number
  readonly switchEnd: number
}

/** Calls whose arguments are only for people, and assertions. */
const UNSEEN_CALLS = /^(assert|console|log|say)$/

export function mutantsOf(file: string, path: string): Mutant[] {
  const source = readFileSync(path, 'utf8')
  const map = new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')))
  const mutants: Mutant[] = []
  const visit = (node: AnyNode, parents: readonly AnyNode[]): void => {
    if (isUnseen(node)) return
    const mutate = OPERATORS[node.type] as ((...args: unknown[]) => readonly Mutation[]) | undefined
    for (const mutation of mutate?.(node, parents, source) ?? []) {
      const [line, column] = placeOf(source, mutation.start)
      const entry = map.findEntry(line, column)
      if (!('originalLine' in entry)) continue
      // An operator is a part of the expression that is switched; a statement's test is switched alone.
      const isWhole = /Statement|Function/.test(node.type) || node.type === 'ConditionalExpression'
      const { start: switchStart, end: switchEnd } = isWhole ? mutation : node
      mutants.push({ ...mutation, file, line: entry.originalLine + 1, source, switchStart, switchEnd })
    }
    for (const child of childrenOf(node)) visit(child, [...parents, node])
  }
  visit(parse(source, { ecmaVersion: 'latest', sourceType: 'module' }), [])
  return mutants
}

/** The line where the change begins, before and after. */
export function linesOf(mutant: Mutant): readonly [before: string, after: string] {
  return [lineAt(mutant.source, mutant.start), lineAt(codeOf(mutant), mutant.start)]
}

export function codeOf({ source, start, end, after }: Mutant): string {
  return source.slice(0, start) + after + source.slice(end)
}

function isUnseen(node: AnyNode): boolean {
  if (node.type === 'ThrowStatement' || node.type === 'ImportDeclaration') return true
  if (node.type !== 'CallExpression') return false
  const { callee } = node
  if (callee.type === 'Identifier') return UNSEEN_CALLS.test(callee.name)
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return false
  const isOfConsole = callee.object.type === 'Identifier' && UNSEEN_CALLS.test(callee.object.name)
  return isOfConsole || UNSEEN_CALLS.test(callee.property.name)
}

/** Line and column from 0, as source maps count. */
function placeOf(source: string, at: number): [line: number, column: number] {
  const before = source.slice(0, at)
  return [before.split('\n').length - 1, at - (before.lastIndexOf('\n') + 1)]
}

function lineAt(source: string, at: number): string {
  const end = source.indexOf('\n', at)
  return source.slice(source.lastIndexOf('\n', at - 1) + 1, end === -1 ? source.length : end).trim()
}
