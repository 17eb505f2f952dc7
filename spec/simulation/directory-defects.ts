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
]
