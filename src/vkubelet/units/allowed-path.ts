/** A path of the host that the inventory lets Pods have as a volume (`hostPath`). */
export interface AllowedPath {
  readonly path: string
  readonly readOnly: boolean
}

/**
 * Only what the inventory names, and nothing below it: who can write a folder could put a link there that leads anywhere.
 * @returns why a path is not allowed; undefined where it is
 */
export function whyNotMounted(path: string, allowed: readonly AllowedPath[]): string | undefined {
  return allowed.some((one) => one.path === path)
    ? undefined
    : `the inventory does not allow ${path} as a volume: name it in systemdKubelet.hostPaths`
}
