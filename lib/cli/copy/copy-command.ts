/** The row of `keepcached copy`. */

import { SERVER_OPTIONS, TALKING_EXITS } from '../arguments/server-options.js'
import type { OptionRow, SubCommand } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import { SASL_VARIABLES, type SideName } from './side-endpoint.js'

export const COPY: SubCommand = {
  name: 'copy',
  summary: 'copy all items from one server to another, and compare them',
  operands: 'FROM TO',
  operandCount: [2, 2],
  options: [
    { name: 'keep', help: 'leave the items that TO has already (the default)' },
    { name: 'replace', help: 'overwrite the items that TO has already' },
    { name: 'prefix', argument: 'TEXT', help: 'only keys with this prefix' },
    { name: 'verify', help: 'after copying, compare each item of FROM with that of TO' },
    { name: 'dry-run', help: 'change nothing in TO; with --verify, only compare' },
    {
      name: 'resume',
      argument: 'FILE',
      help: 'keep the list of keys and the progress in FILE, and continue there after an interruption',
      completes: 'file',
    },
    { name: 'rate', argument: 'N', help: 'at most N items a second (default: no limit)' },
    { name: 'in-flight', argument: 'N', help: 'items under way at a time, 1 to 1000 (default: 256)' },
    {
      name: 'tolerance',
      argument: 'SECONDS',
      help: 'how far times to live may differ in --verify (default: 5)',
    },
    { name: 'timeout', argument: 'MS', help: 'how long to wait for a reply (default: 2000)' },
    { name: 'to-binary', help: 'TO: use the binary protocol; --to-sasl is then a SASL login' },
    { name: 'json', help: 'print JSON' },
    ...optionsOf('from', 'FROM'),
    ...optionsOf('to', 'TO'),
  ],
  details: [
    'FROM and TO are addresses of memcached 1.6 or later, of keepcached, or of a keepcached with --gateway. Values, client flags and remaining times to live are copied. FROM must accept text, the only protocol that lists keys, and have its LRU crawler, as is the default.',
    'Clients may go on during the copy. With --keep no item of TO is overwritten: move the clients to TO first, or let them write to both. With --replace an item that changes in TO after the copy has looked at it is left as it is. An item that changes in FROM while it is copied is copied again. Items stored in FROM later are not copied: run it again.',
    'A key that cannot be copied or compared is printed on standard error, with the reason. Stale items (meta) are not copied.',
    'With --resume the FILE is removed when all is done. A copy that was interrupted copies at most the items again that were under way.',
  ],
  exits: {
    [ExitCode.OK]: 'every item was copied or kept, and no difference was found',
    [ExitCode.NO]: 'an item could not be copied, or differs',
    [ExitCode.NO_INPUT]: 'a file cannot be read or written, or belongs to another copy',
    ...TALKING_EXITS,
  },
  load: async () => (await import('./copy.js')).copy,
}

/** How to reach one of the two: the options of the other tools, each with the name of the side before it. */
function optionsOf(side: SideName, operand: string): OptionRow[] {
  const rows = SERVER_OPTIONS.filter(({ name }) => name !== 'server' && name !== 'timeout')
  return rows.map((row) => ({
    ...row,
    name: `${side}-${row.name}`,
    help: `${operand}: ${row.name === 'sasl' ? `log in; better as ${SASL_VARIABLES[side]} in the environment` : row.help.replace('--tls', `--${side}-tls`)}`,
  }))
}
