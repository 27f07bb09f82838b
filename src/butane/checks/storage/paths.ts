import { cleanPath } from '../../go/clean-path.ts'
import { below, type Place } from '../check.ts'

/** Reports what is wrong with a path on the machine. It must be there, be absolute, and have its shortest form. */
export function checkPath(path: string, place: Place): void {
  const problem = problemOf(path)
  if (problem !== undefined) place.report.error(place.path, problem)
}

/** The same for a field that may be absent or empty. */
export function checkOptionalPath(path: string | undefined, place: Place, field: string): void {
  if (path !== undefined && path !== '') checkPath(path, below(place, field))
}

function problemOf(path: string): string | undefined {
  if (path === '') return 'empty: an absolute path belongs here'
  if (!path.startsWith('/')) return 'path not absolute'
  return cleanPath(path) === path ? undefined : 'path is not fully simplified'
}
