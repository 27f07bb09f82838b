import { valueAt } from '../../model/schema/value-at.ts'
import { isKeyFile } from '../../model/systemd-kubelet/parse-settings.ts'
import type { NamedFiles } from '../definitions.ts'
import { readText } from './inventory-text.ts'

/** A farm has few repositories. */
const MOST = 100

/**
 * Reads the files that `systemdKubelet` names as keys of repositories, each once. What is no path of an inventory is not
 * touched: the check of the definition reports it.
 * @param inputs hosts/cluster and the hosts, unchecked
 */
export function readRepositoryKeys(directory: string, inputs: readonly unknown[]): NamedFiles {
  const paths = new Set(
    inputs.flatMap((input) => {
      const repositories = valueAt(input, ['systemdKubelet', 'repositories'])
      if (typeof repositories !== 'object' || repositories === null) return []
      return Object.values(repositories)
        .map((one: unknown) => valueAt(one, ['signedBy']))
        .filter((one) => typeof one === 'string')
        .filter(isKeyFile)
    }),
  )
  return new Map([...paths].slice(0, MOST).map((path) => [path, readText(directory, path)]))
}
