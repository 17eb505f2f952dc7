import { type Check, rowsOf } from '../check-row.js'
import { answer, ask, END, exchange, holds, inCrumbs, judged, refused, stores } from '../run/binary-steps.js'

const row = rowsOf('binary.session')
const hex = (opcode: number): string => `0x${opcode.toString(16).padStart(2, '0')}`

/** memcached has a name for the last one, but no command. */
const UNKNOWN_OPCODES = [0x25, 0x30, 0x3f, 0x40, 0x7f, 0x80, 0xff, 0x1f] as const

const UNKNOWN: readonly Check[] = UNKNOWN_OPCODES.map((opcode) =>
  row(
    `unknown-opcode-${hex(opcode)}`,
    `Opcode ${hex(opcode)} is UNKNOWN_COMMAND with a text, and the connection stays open`,
    [exchange(ask(opcode), refused(opcode, 'UNKNOWN_COMMAND')), exchange(ask('noop'), answer('noop'))],
  ),
)

export const SESSION: readonly Check[] = [
  row('noop', 'The reply to NOOP has no body', [exchange(ask('noop'), answer('noop'))]),
  row('noop-is-last', 'NOOP is answered after all earlier requests', [
    stores('k', 'v'),
    exchange(
      [ask('getq', { key: 'missing' }), ask('getq', { key: 'k' }), ask('noop')],
      answer('getq', { value: 'v', extras: { clientFlags: 0 }, cas: 'any', to: 1 }),
      answer('noop', { to: 2 }),
    ),
  ]),
  row('version', 'VERSION returns a version, without key, extras and cas', [
    judged(ask('version'), 'reply version OK with a version such as 1.6.18', (replies) => {
      const [reply, ...more] = replies
      if (reply === undefined || more.length > 0) return `${replies.length} replies`
      if (reply.key.length > 0 || reply.extras.length > 0 || reply.cas !== 0n) return 'more than a value'
      return /^\d+\.\d+/.test(`${reply.value}`) ? undefined : 'this is not a version'
    }),
  ]),
  row('quit', 'QUIT is answered, and then the connection is closed', [
    exchange(ask('quit'), answer('quit'), END),
  ]),
  row('quitq', 'QUITQ closes the connection without a reply', [exchange(ask('quitq'), END)]),
  row('quit-behind-others', 'Requests before a QUIT are answered', [
    exchange(
      [ask('noop'), ask('quit'), ask('noop')],
      answer('noop', { to: 0 }),
      answer('quit', { to: 1 }),
      END,
    ),
  ]),
  row('opaque', 'The opaque is returned as it was sent', [
    exchange(ask('noop', { opaque: 0 }), answer('noop')),
    exchange(ask('noop', { opaque: 0xffffffff }), answer('noop')),
    exchange(ask('get', { key: 'k', opaque: 0x01020304 }), refused('get', 'NOT_FOUND')),
  ]),
  row('opaque-of-errors', 'The opaque is returned with errors too', [
    exchange(ask(0x55, { opaque: 0x80818283 }), refused(0x55, 'UNKNOWN_COMMAND')),
  ]),
  row('vbucket', 'A vbucket is accepted and ignored', [
    stores('k', 'v'),
    exchange(
      ask('get', { key: 'k', vbucket: 0xffff }),
      answer('get', { value: 'v', extras: { clientFlags: 0 }, cas: 'any' }),
    ),
  ]),
  row('data-type', 'A data type is accepted and ignored', [
    stores('k', 'v'),
    exchange(
      ask('get', { key: 'k', dataType: 5 }),
      answer('get', { value: 'v', extras: { clientFlags: 0 }, cas: 'any' }),
    ),
  ]),
  row('pipeline', 'Requests that arrive together are answered one by one, in order', [
    exchange(
      [ask('get', { key: 'a' }), ask('noop'), ask('getk', { key: 'b' }), ask('noop')],
      refused('get', 'NOT_FOUND', 0),
      answer('noop', { to: 1 }),
      answer('getk', { status: 'NOT_FOUND', key: 'b', to: 2 }),
      answer('noop', { to: 3 }),
    ),
  ]),
  row('long-pipeline', 'Five hundred requests in one piece are answered one by one', [
    exchange(
      Array.from({ length: 500 }, () => ask('noop')),
      ...Array.from({ length: 500 }, (_, index) => answer('noop', { to: index })),
    ),
  ]),
  row('header-in-crumbs', 'A header may arrive byte by byte', [
    inCrumbs(exchange(ask('noop'), answer('noop'))),
  ]),
  row('errors-keep-connection', 'The connection stays open after a miss', [
    exchange(ask('delete', { key: 'k' }), refused('delete', 'NOT_FOUND')),
    stores('k', 'v'),
    holds('k', 'v'),
  ]),
  row('verbosity', 'Opcode 0x1b is UNKNOWN_COMMAND', [exchange(ask(0x1b), refused(0x1b, 'UNKNOWN_COMMAND'))]),
  ...UNKNOWN,
  row(
    'sasl-list-without',
    'Without logins SASL_LIST_MECHS is UNKNOWN_COMMAND, and the connection stays open',
    [
      exchange(ask('sasl_list_mechs'), refused('sasl_list_mechs', 'UNKNOWN_COMMAND')),
      exchange(ask('noop'), answer('noop')),
    ],
    { skipReason: ({ asksForSasl }) => (asksForSasl ? 'it requires a login' : undefined) },
  ),
  row(
    'sasl-auth-without',
    'Without logins SASL_AUTH is UNKNOWN_COMMAND, and the connection stays open',
    [
      exchange(
        ask('sasl_auth', { key: { raw: 'PLAIN' }, value: '\0u\0p' }),
        refused('sasl_auth', 'UNKNOWN_COMMAND'),
      ),
      exchange(ask('noop'), answer('noop')),
    ],
    { skipReason: ({ asksForSasl }) => (asksForSasl ? 'it requires a login' : undefined) },
  ),
  row(
    'sasl-list',
    'SASL_LIST_MECHS returns the names of mechanisms, including PLAIN',
    [
      judged(ask('sasl_list_mechs'), 'reply sasl_list_mechs OK with PLAIN among its names', ([reply]) =>
        reply?.status === 0 && `${reply.value}`.split(' ').includes('PLAIN') ? undefined : 'PLAIN is missing',
      ),
    ],
    { skipReason: ({ asksForSasl }) => (asksForSasl ? undefined : 'it requires no login') },
  ),
]
