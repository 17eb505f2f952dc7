import type { OptionKind } from '../kinds/kind.js'
import { flag, PATH_LENGTH_MAX, text } from '../kinds/option-kinds.js'
import type { OptionSpelling } from './option-row.js'

/** What the command line accepts beside the rows of options.ts. */
export interface OtherOption extends OptionSpelling {
  readonly kind: OptionKind<boolean> | OptionKind<string | null>
  readonly effect: Effect
  /** The help lists only options with an effect. */
  readonly help?: string
}

/** The program prints the requested text, and ends. */
export type Question = 'help' | 'version' | 'license'

export type Effect =
  | Question
  /** The program detaches from the terminal. */
  | 'daemon'
  /** The argument is a file with further options. */
  | 'config'
  /** The argument is a list of further options. */
  | 'extended'
  /** An option of memcached that is not supported, and that users would rely on: refused. */
  | 'refused'

const SWITCH = flag(true)
const EXTENDED_LENGTH_MAX = 64 * 1024

export const OTHER_OPTIONS: readonly OtherOption[] = [
  {
    longName: 'config',
    kind: text('<file>', 'a path', PATH_LENGTH_MAX),
    effect: 'config',
    help: "file with further options, one per line, as in Debian's /etc/memcached.conf; the command line and the environment override it",
  },
  {
    letter: 'd',
    longName: 'daemon',
    kind: SWITCH,
    effect: 'daemon',
    help: 'detach from the terminal once the server listens',
  },
  { letter: 'h', longName: 'help', kind: SWITCH, effect: 'help', help: 'print this help and exit' },
  { letter: 'i', longName: 'license', kind: SWITCH, effect: 'license', help: 'print the license and exit' },
  { letter: 'V', longName: 'version', kind: SWITCH, effect: 'version', help: 'print the version and exit' },
  {
    letter: 'o',
    longName: 'extended',
    kind: text('<list>', 'a list of options', EXTENDED_LENGTH_MAX),
    effect: 'extended',
    help: 'further options, separated by commas:',
  },

  { letter: 'N', longName: 'napi-ids', kind: text('<num>', 'a number', 10), effect: 'refused' },
  // As in memcached's help.
  { longName: 'napi_ids', kind: text('<num>', 'a number', 10), effect: 'refused' },
]

/** Names in the lists of `-o` for features that clients or the operator would miss. */
const REFUSED = ['drop_privileges', 'meta_response_old', 'sock_cookie_id']
const REFUSED_FAMILIES = ['ext_', 'proxy_', 'ssl_']

export function isRefusedExtended(name: string): boolean {
  return REFUSED.includes(name) || REFUSED_FAMILIES.some((family) => name.startsWith(family))
}
