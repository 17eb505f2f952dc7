import { SPACE } from '../../arena/ascii.js'
import { percentEncoded } from '../../arena/percent.js'
import { ListKind } from '../../request/request.js'

/** An item as lists show it. */
export interface ListedItem {
  readonly key: Buffer
  /** In absolute seconds; 0: never. */
  readonly expiry: number
  readonly accessTime: number
  readonly cas: bigint
  readonly isFetched: boolean
  readonly clientFlags: number
  readonly valueLength: number
  /** In memcached's measure. */
  readonly size: number
}

export interface ListFormat {
  readonly start: string
  readonly line: (item: ListedItem) => string
  readonly end: string
  /** What clients get if they may not list. */
  readonly refusal: string
}

export const LIST_FORMATS: Readonly<Record<ListKind, ListFormat>> = {
  [ListKind.METADUMP]: {
    start: 'OK\r\n',
    line: metadumpLine,
    end: 'END\r\n',
    refusal: 'ERROR metadump not allowed\r\n',
  },
  [ListKind.MGDUMP]: {
    start: '',
    line: ({ key }) => `mg ${plainKey(key)}\r\n`,
    end: 'EN\r\n',
    refusal: 'ERROR key dump not allowed\r\n',
  },
  [ListKind.CACHEDUMP]: {
    start: '',
    line: ({ key, valueLength, expiry }) =>
      `ITEM ${key.toString('latin1')} [${valueLength} b; ${expiry} s]\r\n`,
    end: 'END\r\n',
    refusal: 'CLIENT_ERROR stats cachedump not allowed\r\n',
  },
}

function metadumpLine({ key, expiry, accessTime, cas, isFetched, size, clientFlags }: ListedItem): string {
  return [
    `key=${percentEncoded(key, 0, key.length)}`,
    `exp=${expiry === 0 ? -1 : expiry}`,
    `la=${accessTime}`,
    `cas=${cas}`,
    `fetch=${isFetched ? 'yes' : 'no'}`,
    'cls=1',
    `size=${size}`,
    `flags=${clientFlags >>> 0}\n`,
  ].join(' ')
}

/** The key as `mg` accepts it. */
function plainKey(key: Buffer): string {
  return key.every((byte) => byte > SPACE && byte !== DELETE)
    ? key.toString('latin1')
    : `${key.toString('base64')} b`
}

const DELETE = 0x7f
