/**
 * Defects that the simulation must find: those that lib once had, and others like them. Each is a change of one place in a
 * compiled file of lib.
 */
export interface Defect {
  readonly name: string
  /** Of the compiled lib. */
  readonly file: string
  /** Occurs once in the file. */
  readonly from: string
  readonly to: string
}

export const defect = (name: string, file: string, from: string, to: string): Defect => ({
  name,
  file: `${file}.js`,
  from,
  to,
})
