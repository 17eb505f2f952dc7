/**
 * The small defects that are tried, by the kind of node that each changes. `source.slice(start, end)` is replaced with
 * `after`.
 */
import type { AnyNode, BinaryExpression, BlockStatement, LogicalExpression, Statement } from 'acorn'

export interface Mutation {
  readonly operator: string
  readonly start: number
  readonly end: number
  readonly after: string
}

type Operators = {
  readonly [Type in AnyNode['type']]?: (
    node: Extract<AnyNode, { type: Type }>,
    parents: readonly AnyNode[],
    source: string,
  ) => readonly Mutation[]
}

const BOUNDARIES: Record<string, string> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' }
const EQUALITIES: Record<string, string> = { '===': '!==', '!==': '===' }
const ARITHMETIC: Record<string, string> = {
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '&': '|',
  '|': '&',
  '<<': '>>>',
  '>>>': '<<',
}
const ASSIGNMENTS: Record<string, string> = { '+=': '-=', '-=': '+=', '&=': '|=', '|=': '&=' }
const EXTREMES: Record<string, string> = { min: 'max', max: 'min' }

/** A bound is doubled from here on; below, a doubled number is the number itself or its neighbour. */
const DOUBLED_FROM = 3

export const OPERATORS: Operators = {
  BinaryExpression(node, _parents, source) {
    const mutations: Mutation[] = []
    const add = (operator: string, after: string | undefined): void => {
      if (after !== undefined) mutations.push(swapped(operator, node, after, source))
    }
    add('comparison boundary', BOUNDARIES[node.operator])
    add('negated equality', EQUALITIES[node.operator])
    if (!isText(node)) add('arithmetic', ARITHMETIC[node.operator])
    return mutations
  },

  LogicalExpression(node, _parents, source) {
    if (node.operator === '??') return []
    return [swapped('swapped && and ||', node, node.operator === '&&' ? '||' : '&&', source)]
  },

  AssignmentExpression(node, _parents, source) {
    const after = ASSIGNMENTS[node.operator]
    if (after === undefined) return []
    const start = source.indexOf(node.operator, node.left.end)
    return [{ operator: 'arithmetic', start, end: start + node.operator.length, after }]
  },

  UpdateExpression(node) {
    const start = node.prefix ? node.start : node.end - 2
    return [{ operator: 'arithmetic', start, end: start + 2, after: node.operator === '++' ? '--' : '++' }]
  },

  UnaryExpression(node) {
    if (node.operator !== '!') return []
    return [{ operator: 'dropped negation', start: node.start, end: node.start + 1, after: '' }]
  },

  IfStatement(node, _parents, source) {
    const mutations = [negated(node.test, source)]
    if (node.alternate == null && isExit(node.consequent)) {
      mutations.push({ operator: 'removed early exit', start: node.start, end: node.end, after: ';' })
    }
    return mutations
  },

  ConditionalExpression: (node, _parents, source) => [negated(node.test, source)],

  ExpressionStatement(node, parents) {
    const { type } = node.expression
    const isAction = type === 'CallExpression' || type === 'UpdateExpression' || type === 'AwaitExpression'
    // A missing assignment in a constructor always fails; catching it shows nothing.
    const isAssignment = type === 'AssignmentExpression' && !isInConstructor(parents)
    if (!isAction && !isAssignment) return []
    return [{ operator: 'removed statement', start: node.start, end: node.end, after: ';' }]
  },

  FunctionDeclaration: (node) => emptied(node.body),
  FunctionExpression: (node, parents) => (isInConstructor(parents) ? [] : emptied(node.body)),

  Literal(node, parents) {
    if (isKey(node, parents.at(-1))) return []
    if (typeof node.value === 'boolean') {
      return [{ operator: 'boolean', start: node.start, end: node.end, after: String(!node.value) }]
    }
    if (typeof node.value !== 'number' && typeof node.value !== 'bigint') return []
    const suffix = typeof node.value === 'bigint' ? 'n' : ''
    const change = (operator: string, value: number | bigint): Mutation => ({
      operator,
      start: node.start,
      end: node.end,
      after: `${value}${suffix}`,
    })
    const one = typeof node.value === 'bigint' ? BigInt(node.value) + 1n : node.value + 1
    const mutations = [change('constant + 1', one)]
    if (isNamedBound(parents) && node.value >= DOUBLED_FROM && suffix === '') {
      mutations.push(change('constant × 2', Number(node.value) * 2))
    }
    return mutations
  },

  MemberExpression(node) {
    if (node.object.type !== 'Identifier' || node.object.name !== 'Math') return []
    const after = node.property.type === 'Identifier' ? EXTREMES[node.property.name] : undefined
    if (after === undefined) return []
    return [{ operator: 'min and max', start: node.property.start, end: node.property.end, after }]
  },
}

/** The operator of `node` replaced, its operands and their parentheses as they were. */
function swapped(
  operator: string,
  node: BinaryExpression | LogicalExpression,
  after: string,
  source: string,
): Mutation {
  const start = source.indexOf(node.operator, node.left.end)
  return { operator, start, end: start + node.operator.length, after }
}

function negated(test: AnyNode, source: string): Mutation {
  const after = `!(${source.slice(test.start, test.end)})`
  return { operator: 'negated condition', start: test.start, end: test.end, after }
}

/** A function without a result returns at once. One with a result would fail at its first caller. */
function emptied(body: BlockStatement): readonly Mutation[] {
  const first = body.body[0]
  if (first === undefined || body.body.some(returnsValue)) return []
  // A function of one statement is emptied when that statement is removed.
  if (body.body.length === 1 && first.type === 'ExpressionStatement') return []
  return [{ operator: 'early return', start: first.start, end: first.start, after: 'return; ' }]
}

function returnsValue(statement: AnyNode): boolean {
  if (statement.type === 'ReturnStatement') return statement.argument != null
  if (/Function|Class/.test(statement.type)) return false
  return childrenOf(statement).some(returnsValue)
}

function isExit(statement: Statement): boolean {
  const only =
    statement.type === 'BlockStatement' && statement.body.length === 1 ? statement.body[0] : statement
  return /^(Return|Continue|Break)Statement$/.test(only?.type ?? '')
}

function isInConstructor(parents: readonly AnyNode[]): boolean {
  const method = parents.findLast((parent) => parent.type === 'MethodDefinition')
  return method?.type === 'MethodDefinition' && method.kind === 'constructor'
}

/** In the initial value of a constant of the file, such as bounds and tuned numbers. */
function isNamedBound(parents: readonly AnyNode[]): boolean {
  const isInFunction = parents.some((parent) => /Function/.test(parent.type))
  return !isInFunction && parents.some((parent) => parent.type === 'VariableDeclaration')
}

/** The name of a member. */
function isKey(node: AnyNode, parent: AnyNode | undefined): boolean {
  return (
    parent !== undefined &&
    'key' in parent &&
    parent.key === node &&
    !('computed' in parent && parent.computed)
  )
}

/** `+` between texts. */
function isText(node: BinaryExpression): boolean {
  return [node.left, node.right].some(
    (side) => side.type === 'TemplateLiteral' || (side.type === 'Literal' && typeof side.value === 'string'),
  )
}

export function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node)
    .flat()
    .filter((value) => typeof value?.type === 'string')
}
