/** A source of packages with its file, for one call. */
export interface AptFolders {
  /** Instead of /etc/apt/sources.list.d: that, and the sources of the inventory. */
  readonly sources: string
  /** Instead of /etc/apt/auth.conf.d. */
  readonly logins: string
}

const option = (name: string, value: string) => ['-o', `${name}=${value}`]

/** What every call of apt gets. @param folders absent: the inventory has no repository, and apt reads its own */
function common(folders: AptFolders | undefined): readonly string[] {
  return folders === undefined
    ? []
    : [...option('Dir::Etc::sourceparts', folders.sources), ...option('Dir::Etc::netrcparts', folders.logins)]
}

/**
 * Reads the lists of one file of sources, or of all. Without the error mode, apt-get ends with 0 after a bad signature or
 * a dead mirror (measured).
 */
export function updateWords(folders: AptFolders | undefined, source?: string): readonly string[] {
  return [
    'apt-get',
    '-q',
    ...common(folders),
    ...(source === undefined
      ? []
      : [...option('Dir::Etc::sourcelist', source), ...option('Dir::Etc::sourceparts', '-')]),
    // the lists of the other sources stay
    ...option('APT::Get::List-Cleanup', '0'),
    ...option('APT::Update::Error-Mode', 'any'),
    ...option('Acquire::Retries', '1'),
    ...option('Acquire::http::Timeout', '20'),
    ...option('Acquire::https::Timeout', '20'),
    'update',
  ]
}

export function policyWords(folders: AptFolders | undefined, name: string): readonly string[] {
  return ['apt-cache', ...common(folders), 'policy', '--', name]
}

/**
 * Installs one version of one package, and what it depends on. `NAME=VERSION` is never a pattern, nor a removal (`NAME-`)
 * for apt.
 * @param isDowngrade the image names this version
 */
export function installWords(
  folders: AptFolders | undefined,
  { name, version, isDowngrade }: { readonly name: string; readonly version: string; readonly isDowngrade: boolean },
): readonly string[] {
  return [
    'apt-get',
    '-q',
    '-y',
    '--no-install-recommends',
    '--no-remove',
    ...(isDowngrade ? ['--allow-downgrades'] : []),
    ...common(folders),
    ...option('DPkg::Lock::Timeout', '120'),
    // else what dpkg complains about is no error for apt
    ...option('Dpkg::Use-Pty', '0'),
    // a file of configuration that somebody has changed stays
    ...option('Dpkg::Options::', '--force-confdef'),
    ...option('Dpkg::Options::', '--force-confold'),
    'install',
    '--',
    `${name}=${version}`,
  ]
}
