/** The code of the error that a call fails with; a spec that expects a failure fails if there is none. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (error) {
    return (error as { code: string }).code
  }
  throw new Error('the call has succeeded')
}
