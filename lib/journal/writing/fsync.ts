/** When a reply may be sent: after each change is on disk, or once the kernel has it, with syncs at intervals. */
export type Fsync = 'always' | 'everysec' | 'no'
