import { type Defect, defect } from './defect.js'

/** Defects of a server whose directory is deleted or moved. */
export const DIRECTORY_DEFECTS: readonly Defect[] = [
  defect(
    'a directory that is gone is noticed by the next snapshot only',
    'journal/keeper',
    'void this.checkDirectory();',
    '',
  ),
  defect(
    'journals go on in the files of a directory that is gone',
    'journal/keeper',
    'for (const journal of this.journals)\n                journal.fail(error);',
    '',
  ),
  defect(
    'a directory in place of the lost one is not taken',
    'journal/directory/kept-directory',
    'await this.lock.retake((isKnown) => assertCanGoOn(files, directory, generation, isKnown));',
    '',
  ),
  defect(
    'journals begin in an empty directory without a snapshot before them',
    'journal/keeper',
    'isBare(files, directory)',
    'false',
  ),
  defect(
    'journals get their names in whatever directory is there',
    'journal/writing/begun-journal',
    'if (identity !== undefined)',
    'if (false)',
  ),
  defect(
    'a directory with a file that was never completed is not taken',
    'journal/directory/directory',
    'names.some((name) => !isUnfinished(name))',
    'names.length > 0',
  ),
]
