/** Every bound that a request can run into, in bytes unless the name says otherwise. */

export const KEY_LENGTH_MAX = 250

/** The longest name of a SASL mechanism. */
export const MECHANISM_LENGTH_MAX = 32

/** One read from a socket. A request no longer than this waits for its rest in a window; a longer one is streamed. */
export const READ_LENGTH = 16 * 1024

/** A window holds a request that waits and one more read, or replies. */
export const WINDOW_LENGTH = 2 * READ_LENGTH

/** Up to this length a value is copied into the replies; a longer one goes to the socket from where it lies. */
export const COPIED_VALUE_LENGTH_MAX = 16 * 1024

/** A line that goes on beyond this ends the connection (text), unless it asks for keys. */
export const COMMAND_LINE_LENGTH_MAX = 2048

/** A line of keys that is longer ends the connection (text). */
export const KEYS_LINE_LENGTH_MAX = 1024 * 1024

/** The name and the password of a login (text). */
export const LOGIN_LENGTH_MAX = 1024

/** Replies of one connection are written at the latest when this much has gathered. */
export const BATCH_LENGTH_MAX = 64 * 1024

/** Others have their turn when a connection has been sent this much, however few its requests were. */
export const TURN_LENGTH_MAX = 256 * 1024

/** So many keys of one line count as one request, when others are to have their turn. */
export const KEYS_PER_REQUEST = 32

/** Expiries up to this many seconds are relative, later ones absolute. */
export const RELATIVE_EXPIRY_MAX_SECONDS = 60 * 60 * 24 * 30

/** All replies to one datagram; longer ones are not sent. An item of the usual limit fits. */
export const DATAGRAM_REPLIES_MAX = 2 * 1024 * 1024

/** Bytes of replies to datagrams that wait until their changes are on disk; further ones are not sent. */
export const DATAGRAMS_HELD_MAX = 4 * 1024 * 1024

/** From this level on the server says all it can about itself. */
export const VERBOSITY_MAX = 2
