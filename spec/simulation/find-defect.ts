import type { Defect } from './defect.js'
import { withDefect } from './defective-tree.js'
import { runInProcess } from './processes.js'
import type { SeedFinding, SeedRange } from './run-seeds.js'

/** The finding of the first seed that shows a defect; undefined if none of the seeds does. */
export function findDefect(defect: Defect, range: SeedRange): Promise<SeedFinding | undefined> {
  return withDefect(defect, async (tree) => {
    const report = await runInProcess(tree, { ...range, stopsAtFinding: true })
    const [finding] = report.findings
    if (finding !== undefined && NO_DEFECT.test(finding.message))
      throw new Error(`${defect.name}: ${finding.message}`)
    return finding
  })
}

/** The changed code does not fit the rest of the program: anything would find that. */
const NO_DEFECT = /SyntaxError|is not a function|is not defined/
