import { KeelError } from '../../errors.ts'
import { describeAddress } from '../failures.ts'
import type { SshTarget } from '../transport.ts'

/** The output of a root shell that never started. */
export interface NoShell {
  /** From the login shell or from sudo. */
  readonly exitCode: number
  readonly stderr: string
  /** The text on stdout instead of the ready line. */
  readonly noise: string
  /** sudo asked for a password again after keel had sent one. */
  readonly askedAgain: boolean
}

/** Why no bash ran, as far as the host's texts show it. The last one is for all other texts. */
const otherShells: readonly {
  readonly matches: (shell: NoShell) => boolean
  readonly found: string
  readonly why: string
  readonly todo: (user: string) => string
}[] = [
  {
    matches: ({ stderr, noise }) => /This account is (currently )?not available|nologin/.test(stderr + noise),
    found: 'this user may log in, but not run commands (nologin)',
    why: 'keel runs bash on the host',
    todo: (user) =>
      `give the user a shell on the host (\`usermod --shell /bin/bash ${user}\`), or log in as another one`,
  },
  {
    matches: ({ stderr, noise }) => /allows sftp connections only/.test(stderr + noise),
    found: 'sshd allows this user only file transfer (ForceCommand internal-sftp)',
    why: 'keel runs bash on the host',
    todo: (user) => `take ${user} out of that Match block of the host’s sshd_config, or log in as another user`,
  },
  {
    matches: ({ stderr }) => /: restricted\b/.test(stderr),
    found: 'this user has a restricted shell',
    why: 'keel runs bash by its path',
    todo: (user) =>
      `give the user a shell on the host (\`usermod --shell /bin/bash ${user}\`), or log in as another one`,
  },
  {
    matches: ({ exitCode, stderr }) => exitCode === 127 || /bash.*(not found|No such file)/.test(stderr),
    found: 'no bash on the host',
    why: 'keel runs bash on the host, as /usr/bin/env finds it',
    todo: () => 'install bash there',
  },
  {
    matches: () => true,
    found: 'the host ran another program instead of bash',
    why: 'a ForceCommand in sshd_config, a `command=` in authorized_keys, or the login shell replaced it',
    todo: (user) => `check with \`ssh -v ${user}@HOST true\` what runs instead; keel needs a user who may run commands`,
  },
]

export function noBash(target: SshTarget, shell: NoShell): KeelError {
  const fault = otherShells.find(({ matches }) => matches(shell))
  return new KeelError({
    code: 'no-shell',
    at: target.name,
    found: `${describeAddress(target.address)}: ${fault?.found} (exit ${shell.exitCode})${lastLine(shell.stderr || shell.noise)}`,
    ...(fault === undefined ? {} : { why: fault.why, todo: fault.todo(target.address.user) }),
  })
}

/**
 * sudo exits with 1 for all its own faults (sudo(8), "Exit value"), so only its texts distinguish them. They are
 * English, because it runs under LC_ALL=C. POSIX shells and env(1) exit with 127 for a missing command.
 */
const faults: readonly {
  readonly code: string
  readonly matches: (shell: NoShell) => boolean
  readonly found: (user: string) => string
  readonly why: string
  readonly todo: (user: string) => string
}[] = [
  {
    code: 'sudo-missing',
    matches: ({ exitCode }) => exitCode === 127,
    found: () => 'sudo or bash is not installed',
    why: 'keel needs root on the host, and runs bash',
    todo: () => 'install sudo and bash on the host, or log in as root',
  },
  {
    code: 'sudo-requiretty',
    matches: ({ stderr }) => /must have a tty/.test(stderr),
    found: () => 'sudo wants a terminal (requiretty)',
    why: 'keel runs programs without a terminal',
    todo: (user) => `put \`Defaults:${user} !requiretty\` into the host’s sudoers`,
  },
  {
    code: 'sudo-forbidden',
    matches: ({ stderr }) => /not in the sudoers file|is not allowed to|may not run sudo/.test(stderr),
    found: (user) => `${user} may not become root`,
    why: 'the host’s sudoers does not let this user run bash as root',
    todo: (user) => `put \`${user} ALL=(ALL) ALL\` into the host’s sudoers, or log in as root`,
  },
  {
    code: 'sudo-password',
    matches: ({ askedAgain, stderr }) => askedAgain || /incorrect password attempt/.test(stderr),
    found: (user) => `sudo refused the password of ${user}`,
    why: 'keel tried the password only once, so that the account is not locked',
    todo: () => 'run this again with the right password',
  },
  {
    code: 'sudo-password-needed',
    matches: ({ stderr }) => /password is required/.test(stderr),
    found: (user) => `sudo asks for the password of ${user}, and keel has none`,
    why: 'keel has no password: nobody answered, or there is neither a terminal to ask on nor a file with the password',
    todo: () => 'run this on a terminal, or write the password into a file and set KEEL_SUDO_PASSWORD_FILE to its path',
  },
]

/**
 * A fault that did not come from sudo: sudo exits with 0 only if it has run bash, and it does not print the messages of
 * sshd or the login shell.
 */
export function isOtherShell(shell: NoShell): boolean {
  return shell.exitCode === 0 || otherShells.slice(0, 3).some(({ matches }) => matches(shell))
}

/**
 * Whether a password may help: yes for every fault that does not clearly exclude it, because policies and languages
 * differ.
 */
export function needsPassword(shell: NoShell): boolean {
  if (isOtherShell(shell)) return false
  const fault = faults.find(({ matches }) => matches(shell))
  return fault === undefined || fault.code === 'sudo-password-needed'
}

/** The error if sudo did not give root rights: exit 1, because the host was reached and is the right one. */
export function sudoFailure(target: SshTarget, shell: NoShell): KeelError {
  const { user } = target.address
  const fault = faults.find(({ matches }) => matches(shell))
  return new KeelError({
    code: fault?.code ?? 'sudo-refused',
    at: target.name,
    found: `${describeAddress(target.address)}: ${fault?.found(user) ?? `sudo did not give root rights (exit ${shell.exitCode})`}${lastLine(shell.stderr)}`,
    why: fault?.why ?? 'keel needs root on the host',
    todo: fault?.todo(user) ?? `try \`sudo -v\` as ${user} on the host`,
  })
}

function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1)?.trim()
  return line ? ` (${line.slice(-300)})` : ''
}
