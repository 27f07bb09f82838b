/**
 * The output of `apt-get indextargets --format APT_TARGETS 'Created-By: Packages'` about the machine's own sources, one
 * line for each.
 */
export const aptTargetsFormat = '$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(CODENAME)'

/**
 * The machine's own Debian sources, changed to another suite, in apt's one-line format (sources.list(5)). So the lab
 * names no mirror itself. Empty if the machine has no Debian source: mmdebstrap then uses Debian's default.
 */
export function debianSources(targets: string, suite: string, keyring: string | undefined): readonly string[] {
  const lines = targets.split('\n').flatMap((line) => {
    const [origin, uri, release, component, codename] = line.split('|')
    if (
      origin !== 'Debian' ||
      component !== 'main' ||
      uri === undefined ||
      release === undefined ||
      codename === undefined
    )
      return []
    // bookworm, bookworm-updates, bookworm-security; `stable-updates` has the codename bookworm-updates
    const part = /^[a-z]+(-updates|-security)?$/.exec(codename)
    if (part === null) return []
    const options = keyring === undefined ? '' : `[signed-by=${keyring}] `
    return [`deb ${options}${uri} ${suite}${part[1] ?? ''} ${component}`]
  })
  return [...new Set(lines)]
}

/**
 * The lines of `apt-config dump` that decide whether apt can reach and trust the machine's sources: proxies, and rules
 * about old dates (the Release files of a frozen mirror are old). The output already has the format of apt.conf(5).
 */
export function aptOptions(dump: string): string {
  const wanted = /^Acquire::(?:(?:https?|ftp)::.*|Check-Valid-Until|Check-Date|Max-ValidTime|Retries|ForceIPv[46]) /
  return dump
    .split('\n')
    .filter((line) => wanted.test(line))
    .map((line) => `${line}\n`)
    .join('')
}
