/**
 * The host's half of a run: constant command lines that contain no data of ours, and the frame that they read from
 * stdin.
 *
 * The command passes through the login user's own shell, which may be zsh, fish or csh. Plain words, and single-quoted
 * strings without quotes, backslashes or exclamation marks, mean the same in all of them.
 */

/**
 * The host's bash prints this once it is root and reads stdin. What a .bashrc or sudo printed before it is not output
 * of the script. Before it, keel sends no byte of `input`, unless root's bash will certainly read it.
 */
const readyLine = 'keel:ready'

/**
 * The prompt with which sudo asks keel. keel sends a password only when sudo asks, so that no other program can read it
 * as input.
 */
export const passwordPrompt = 'keel:password:'

/**
 * The folders of programs on every system, whatever the login sets. On NixOS sudo is in the first one, and other
 * programs are in /run/current-system. What a Flatcar host adds itself is in /opt/bin. k3s is in /usr/local/bin, which
 * sudo's `secure_path` does not contain on some systems.
 */
export const programs = [
  '/run/wrappers/bin',
  ...['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
  '/run/current-system/sw/bin',
  '/opt/bin',
].join(':')

/** Bash: root's variables, with what names the language, and the folder that is there on every host. */
export function rootEnvironment(language: 'LC_ALL=C' | 'LANG=C.UTF-8'): string {
  return `export ${language} PATH=${programs} HOME=~root USER=root LOGNAME=root; cd /`
}

/**
 * The only environment of a script (bash adds PWD, SHLVL and _). sshd's SetEnv, pam_env, ~/.ssh/environment,
 * /etc/environment and a .bashrc do not reach keel's scripts, because POSIXLY_CORRECT, TMPDIR, TAR_OPTIONS, KUBECONFIG,
 * SYSTEMD_* and similar variables change what programs do and print.
 */
const environment = `${rootEnvironment('LC_ALL=C')}; unset -v OLDPWD`

/**
 * `read -N` reads exactly this number of characters, in blocks and without reading ahead (measured with strace). Under
 * LC_ALL=C, characters are bytes, so the rest of stdin belongs to the script. `head -c` would not work, because some
 * implementations read ahead. If the frame is cut short, `read` fails and nothing runs. Lines before the frame are
 * skipped, because the command line itself may be one of them (see `Request.hold`).
 */
const reader = [
  environment,
  `echo ${readyLine}`,
  'while IFS= read -r keel_length; do case $keel_length in keel:*) break; esac; done',
  `IFS= read -r -N "\${keel_length#keel:}" keel_script && eval "$keel_script"`,
].join('; ')

/**
 * By its full name, so that no function or alias of a .bashrc is called instead; with exec, so that no trap of one runs
 * after it.
 */
const clean = `exec /usr/bin/env -i PATH=${programs}`
const bash = 'bash --norc --noprofile -c'
/**
 * sudo and PAM add to the environment again. With -p, a bash that finds variables there runs none of them; -c starts
 * the next one with none. sudo starts bash, because sudoers may allow bash and nothing else.
 */
const cleanBash = `bash --norc --noprofile -p -c 'exec -c "$BASH" --norc --noprofile -c "$0"' '${reader}'`

export const commands = {
  root: `${clean} ${bash} '${reader}'`,
  /** -n: sudo fails instead of asking. */
  sudo: `${clean} LC_ALL=C sudo -n -- ${cleanBash}`,
  /** -S: asks on stdin and stderr. -k: always asks, whatever sudo has cached, so that all runs are alike. */
  sudoWithPassword: `${clean} LC_ALL=C sudo -k -S -p ${passwordPrompt} -- ${cleanBash}`,
} as const

/**
 * The script with its length before it. Inside braces, bash parses it to the end before it runs its first command, and
 * line numbers in messages are those of the script. The semicolon is for a first line that is a comment. The newline is
 * for a last line that is a comment or ends a here-document.
 * @throws TypeError for a NUL, which no bash variable can contain
 */
export function frameScript(script: string): Buffer {
  if (script.includes('\0')) throw new TypeError('a script for bash holds a NUL')
  const wrapped = Buffer.from(`{ unset -v keel_length keel_script;${script}\n}\n`)
  return Buffer.concat([Buffer.from(`keel:${wrapped.length}\n`), wrapped])
}

/** Passes on what comes after the ready line. Keeps the last 4 KiB of what came before as `noise`. */
export function afterReady(
  onReady: () => void,
  onOutput: (bytes: Buffer) => void,
): { push(bytes: Buffer): void; noise(): string } {
  const wanted = `${readyLine}\n`
  let ready = false
  let before = ''
  return {
    push(bytes) {
      if (ready) {
        onOutput(bytes)
        return
      }
      before += bytes.toString('latin1')
      const at = before.indexOf(wanted)
      if (at === -1) {
        before = before.slice(-4096)
        return
      }
      ready = true
      onReady()
      const rest = Buffer.from(before.slice(at + wanted.length), 'latin1')
      if (rest.length > 0) onOutput(rest)
    },
    noise: () => Buffer.from(before, 'latin1').toString().trim(),
  }
}
