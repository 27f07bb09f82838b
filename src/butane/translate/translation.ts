import type { Report } from '../report.ts'
import type { LocalFiles } from './local-files.ts'
import type { Origins } from './origins.ts'

/** What every part of the translation needs. */
export interface Translation {
  readonly files: LocalFiles
  readonly origins: Origins
  readonly report: Report
  /** Whether contents may be embedded as gzip. */
  readonly compress: boolean
}
