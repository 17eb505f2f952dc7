import { transcripts } from '../transcripts.js'

export const KEYS = transcripts(
  'meta.keys',
  `
  # base64: b means that the key is in base64
  > ms {k} 4
  > blue
  < HD
  > mg {base64 k} b v
  < VA 4
  < blue

  # base64-key: With b the key is returned in base64, followed by b
  > ms {base64 k} 4 b
  > blue
  < HD
  > mg {base64 k} s b k v
  < VA 4 s4 k{base64 k} b
  < blue

  # base64-miss: A miss returns the key in base64, followed by b
  > mg {base64 k} b k
  < EN k{base64 k} b

  # base64-wrong: A key that is not base64 is CLIENT_ERROR error decoding key
  > mg {x*5} b
  < CLIENT_ERROR error decoding key

  # too-long-key: A key of 251 bytes is CLIENT_ERROR bad command line format
  > mg {k:251}
  < CLIENT_ERROR bad command line format

  # longest-key: A key may have 250 bytes
  > ms {k:250} 1
  > v
  < HD
  > mg {k:250} v
  < VA 1
  < v

  # unknown-flag: An unknown flag is CLIENT_ERROR invalid flag
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} !
  < CLIENT_ERROR invalid flag

  # duplicate-flag: A flag that is given twice is CLIENT_ERROR duplicate flag
  > mg {k} s s
  < CLIENT_ERROR duplicate flag

  # bad-token: A token that is not a number is CLIENT_ERROR bad token in command line format
  > mg {k} Tsoon
  < CLIENT_ERROR bad token in command line format

  # opaque-too-long: A token of O with more than 32 bytes is CLIENT_ERROR opaque token too long
  > mg {k} O{o*33}
  < CLIENT_ERROR opaque token too long

  # longest-opaque: A token of O may have 31 bytes
  > mg {k} O{o*31} v k
  < EN{any}

  # no-key: mg without a key is an error
  > mg
  < {error}
`,
)
