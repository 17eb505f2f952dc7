/** A defect that was detected before anything was changed. */
export class NothingChanged extends Error {}
