/** Every limit for requests, in bytes unless the name says otherwise. */

export const KEY_LENGTH_MAX = 250

/** The longest name of a SASL mechanism. */
export const MECHANISM_LENGTH_MAX = 32

/** One read from a socket. A request up to this length waits in a window until it is complete; a longer one is streamed. */
export const READ_LENGTH = 16 * 1024

/** A window holds a waiting request and one more read, or replies. */
export const WINDOW_LENGTH = 2 * READ_LENGTH

/** A value up to this length is copied into the replies; a longer one is sent from its place in the store. */
export const COPIED_VALUE_LENGTH_MAX = 16 * 1024

/** A line beyond this closes the connection (text), unless it asks for keys. */
export const COMMAND_LINE_LENGTH_MAX = 2048

/** A longer line of keys closes the connection (text). */
export const KEYS_LINE_LENGTH_MAX = 1024 * 1024

/** The name and the password of a login (text). */
export const LOGIN_LENGTH_MAX = 1024

/** Replies of one connection are written at the latest when they have this length. */
export const BATCH_LENGTH_MAX = 64 * 1024

/** After sending this much to a connection, other connections are served, however small its requests were. */
export const TURN_LENGTH_MAX = 256 * 1024

/** This many keys of one line count as one request for fairness between connections. */
export const KEYS_PER_REQUEST = 32

/** The buckets and items of this many keys are read ahead: those of a turn, by default. */
export const KEYS_AHEAD_MAX = 20

/** Expiries up to this many seconds are relative, later ones absolute. */
export const RELATIVE_EXPIRY_MAX_SECONDS = 60 * 60 * 24 * 30

/** All replies to one datagram; longer ones are not sent. An item of the usual limit fits. */
export const DATAGRAM_REPLIES_MAX = 2 * 1024 * 1024

/** Bytes of replies to datagrams that wait until their changes are on disk; more are not sent. */
export const DATAGRAMS_HELD_MAX = 4 * 1024 * 1024

/** From this level on the server logs everything. */
export const VERBOSITY_MAX = 2

/** A longer line of a server is no reply (clients). */
export const REPLY_LINE_LENGTH_MAX = 64 * 1024

/** A longer value of a server is no reply (clients): no server stores longer ones. */
export const REPLY_VALUE_LENGTH_MAX = 1024 * 1024 * 1024

/** Subscribers of changes, of all workers and the admin listener. */
export const SUBSCRIBER_COUNT_MAX = 2048

/** Changes that wait for one subscriber, with their values; beyond that they stay in the history. */
export const SUBSCRIBER_QUEUE_LENGTH_MAX = 256 * 1024

/** Bytes that subscribers that want the same ones are told at once, or one change more. */
export const SUBSCRIBERS_BATCH_LENGTH_MAX = 64 * 1024

/** Requests of one connection that are on their way to a remote engine; beyond that the connection is not read. */
export const FORWARDED_COUNT_MAX = 128

/** The same for all connections of a worker. */
export const WORKER_FORWARDED_COUNT_MAX = 8192

/** Room in the arena for a request that is restored when its reply has come; and for its value, unless that is linked. */
export const RESTORED_REQUEST_LENGTH_MAX = WINDOW_LENGTH
export const RESTORED_LENGTH_MAX = RESTORED_REQUEST_LENGTH_MAX + BATCH_LENGTH_MAX

/** Bytes of values on their way to or from a remote engine; beyond that a worker begins no requests. */
export const WORKER_FORWARDED_LENGTH_MAX = 64 * 1024 * 1024

/** The longest prefix of a subscriber is a whole key. */
export const PREFIX_LENGTH_MAX = KEY_LENGTH_MAX

/** Connections that wait for a key (meta), of all workers. */
export const PARKED_CONNECTION_COUNT_MAX = 16 * 1024

/** The longest time to wait for a key; longer ones count as this. */
export const WAIT_SECONDS_MAX = 3600

/** Requests behind one that waits for a key: beyond this the connection is not read. */
export const PARKED_INPUT_LENGTH_MAX = READ_LENGTH

/** Connections to the admin listener, subscribers among them; more are closed at once. */
export const ADMIN_CONNECTION_COUNT_MAX = 1280

/** The request line and the headers of a request to the admin listener. A key of 250 encoded bytes fits several times. */
export const ADMIN_HEADERS_LENGTH_MAX = 8 * 1024

/** A value that is read or stored over HTTP. */
export const ADMIN_VALUE_LENGTH_MAX = 16 * 1024 * 1024

/** All values on their way over HTTP. */
export const ADMIN_VALUES_LENGTH_MAX = 64 * 1024 * 1024

/** Items of one page of a listing over HTTP. */
export const ADMIN_PAGE_COUNT_MAX = 20_000

/** The hottest keys of one kind over HTTP. */
export const ADMIN_HOT_KEY_COUNT_MAX = 100

/** Requests of one HTTP connection that wait for those before them; with more of them it is closed. */
export const ADMIN_PIPELINED_COUNT_MAX = 64

/** Bytes of responses over HTTP that their clients have not read yet, except values, lists and changes. */
export const ADMIN_RESPONSES_LENGTH_MAX = 64 * 1024 * 1024

/** Milliseconds within which a client must read a response over HTTP, except profiles and changes. */
export const ADMIN_RESPONSE_MS_MAX = 60_000

/** Listings over HTTP at the same time. */
export const ADMIN_LISTING_COUNT_MAX = 4

/** Prefixes that one request for the items by prefix counts apart. */
export const ADMIN_GROUP_COUNT_MAX = 10_000

/** Milliseconds within which a request over HTTP must arrive: its headers, and all of it. */
export const ADMIN_HEADERS_MS_MAX = 5_000
export const ADMIN_REQUEST_MS_MAX = 30_000

/** Milliseconds without any traffic after which an HTTP connection is closed. */
export const ADMIN_SILENCE_MS_MAX = 60_000

/** Changes in one response to a poll over HTTP. */
export const ADMIN_POLL_COUNT_MAX = 10_000

/** The longest time between two signs of life of a stream over HTTP. */
export const ADMIN_HEARTBEAT_SECONDS_MAX = 300
