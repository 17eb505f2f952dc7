/** The server has broken a promise. */
export class Finding extends Error {}

/** The name of a key, as findings show it. */
export const shown = (name: string): string => (name.length > 40 ? `${name.slice(0, 40)}…` : name)
