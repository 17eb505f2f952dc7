/**
 * What the kernel's io_uring.h and socket.h define, as far as it is used here.
 *
 * An entry of the submission queue, in words of 32 bits:
 *
 *      0                     1    2      4         6        7       8      9        10     11      12     16
 *     ┌─────────────────────┬────┬──────┬─────────┬────────┬───────┬──────┬────────┬──────┬───────┬─ ─ ─ ─┐
 *     │ opcode, flags, prio │ fd │ zero │ address │ length │ flags │ slot │ opcode │ zero │ limit │ zero  │
 *     └─────────────────────┴────┴──────┴─────────┴────────┴───────┴──────┴────────┴──────┴───────┴─ ─ ─ ─┘
 *
 * One of the completion queue:
 *
 *      0      1        2        3       4
 *     ┌──────┬────────┬────────┬───────┐
 *     │ slot │ opcode │ result │ flags │
 *     └──────┴────────┴────────┴───────┘
 *
 * The slot, and the opcode beside it, are ours: the kernel copies them from the submission.
 */
export const SUBMISSION_WORDS = 16
export const COMPLETION_WORDS = 4

export const Opcode = { NOP: 0, SEND: 26, RECV: 27 } as const
export type Opcode = (typeof Opcode)[keyof typeof Opcode]

// ─── system calls, the same on every architecture ────────────────────────────────────────────────────────────────────

export const IO_URING_SETUP = 425
export const IO_URING_ENTER = 426
export const IO_URING_REGISTER = 427
/** Of io_uring_enter: completions are wanted, also those that must still be worked off. */
export const ENTER_GETEVENTS = 1
export const REGISTER_EVENTFD = 4
export const REGISTER_BUFFER_RING = 22
export const REGISTER_SYNC_CANCEL = 24

// ─── setting up ──────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * A length of its own for the completion queue; bad entries do not stop others; a flag tells of work that waits; one thread, which
 * works off completions itself.
 */
export const SETUP_FLAGS = (1 << 3) | (1 << 7) | (1 << 9) | (1 << 12) | (1 << 13)
/** Both queues are in one mapping, no completion is dropped, and those of successful requests can be left out. */
export const FEATURES = (1 << 0) | (1 << 1) | (1 << 11)
/** Offsets of bytes in io_uring_params. */
export const PARAMS = {
  LENGTH: 120,
  SUBMISSION_COUNT: 0,
  COMPLETION_COUNT: 4,
  FLAGS: 8,
  FEATURES: 20,
  SUBMISSION_HEAD: 40,
  SUBMISSION_TAIL: 44,
  SUBMISSION_FLAGS: 56,
  SUBMISSION_ARRAY: 64,
  COMPLETION_HEAD: 80,
  COMPLETION_TAIL: 84,
  COMPLETIONS: 100,
  COMPLETION_FLAGS: 104,
} as const
/** The offset that maps the entries of the submission queue. */
export const SUBMISSIONS_OFFSET = 0x10000000

// ─── flags of entries ────────────────────────────────────────────────────────────────────────────────────────────────

/** In the first word of a submission. The group of buffers is number 0. */
export const BUFFER_SELECT = 1 << 13
/** There is a completion only if the request has failed. */
export const NO_COMPLETION = 1 << 14
/** The socket is likely empty. */
export const POLL_FIRST = 1 << 16
/** Goes on reading. A request with a limit ends with the read that reaches it. */
export const MULTISHOT = 1 << 17
/** In the flags of a completion: a buffer was taken, whose number is in the upper half. */
export const HAS_BUFFER = 1
/** In the flags of a completion: the request goes on. */
export const HAS_MORE = 1 << 1
/** In the flags of the completion queue: the eventfd is not told. */
export const EVENTFD_DISABLED = 1

/** In the flags of the submission queue: completions wait in the kernel for room. */
export const COMPLETIONS_WAIT = 1 << 1
/** Also there: the kernel works off completions in the next call. */
export const WORK_WAITS = 1 << 2

/** Results of completions. */
export const ENOBUFS = -105
export const EINTR = -4
export const EAGAIN = -11
export const ECANCELED = -125

/** io_uring_sync_cancel_reg: all requests of a descriptor, without waiting for them. */
export const CANCEL = { LENGTH: 64, FD: 8, FLAGS: 12 } as const
export const CANCEL_ALL_OF_FD = 1 | 2

// ─── memory and sockets ──────────────────────────────────────────────────────────────────────────────────────────────

export const PROT_READ_WRITE = 3
/** Shared with the kernel, and mapped at once. */
export const MAP_RING = 0x8001
export const MAP_PRIVATE_ANONYMOUS = 0x22
export const MADV_DONTNEED = 4
export const MADV_HUGEPAGE = 14
export const EFD_NONBLOCK_CLOEXEC = 0x80800
export const AF_UNIX = 1
export const SOCK_STREAM_CLOEXEC = 0x80001
/** MSG_DONTWAIT. */
export const RECEIVE_FLAGS = 0x40
/** MSG_DONTWAIT and MSG_PEEK. */
export const PEEK_FLAGS = 0x42
/** MSG_DONTWAIT and MSG_NOSIGNAL. */
export const SEND_FLAGS = 0x4040
/** MSG_WAITALL as well: in a ring, with MSG_DONTWAIT, it makes a short send a failed one. */
export const RING_SEND_FLAGS = 0x4140

/** Puts an address into two words. */
export function putAddress(words: Int32Array, at: number, address: number): void {
  words[at] = address | 0
  words[at + 1] = Math.floor(address / WORD_RANGE)
}

const WORD_RANGE = 2 ** 32
