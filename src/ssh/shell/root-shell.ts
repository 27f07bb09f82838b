/**
 * The host's half of a run: constant command lines that hold nothing of ours, and the frame they read from stdin.
 *
 * The command passes through the login user's own shell, which may be zsh, fish or csh: plain words and single-quoted
 * strings without quotes, backslashes or exclamation marks mean the same in all of them.
 */

/**
 * Printed by the host's bash once it is root and reads stdin; what a .bashrc or sudo printed before it is none of the
 * script's. keel sends no byte of `input` before it, unless it is certain that root's bash will read it.
 */
const readyLine = 'keel:ready'

/**
 * sudo's prompt for our use: a password is sent when it asks, and only then, so that no other program can read it as
 * input.
 */
export const passwordPrompt = 'keel:password:'

/**
 * Where programs are on every system, whatever the login says: sudo and the rest on NixOS are in the first and in
 * /run/current-system, what a Flatcar host brings itself is in /opt/bin. k3s is in /usr/local/bin, which sudo's
 * `secure_path` leaves out on some systems.
 */
export const programs = [
  '/run/wrappers/bin',
  ...['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
  '/run/current-system/sw/bin',
  '/opt/bin',
].join(':')

/**
 * The only environment that a script sees (bash adds PWD, SHLVL and _). sshd's SetEnv, pam_env, ~/.ssh/environment,
 * /etc/environment and a .bashrc reach none of keel's scripts: POSIXLY_CORRECT, TMPDIR, TAR_OPTIONS, KUBECONFIG,
 * SYSTEMD_* and the like change what programs do and print.
 */
const environment = `export LC_ALL=C PATH=${programs} HOME=~root USER=root LOGNAME=root; cd /; unset -v OLDPWD`

/**
 * `read -N` takes exactly so many characters, in blocks and without reading ahead (measured with strace), and
 * characters are bytes under LC_ALL=C: what follows on stdin is the script's. `head -c` would not do: some
 * implementations read ahead. A frame cut short makes `read` fail, and nothing runs. Lines before the frame are passed
 * over: the command line itself may be one of them (see `Request.hold`).
 */
const reader = [
  environment,
  `echo ${readyLine}`,
  'while IFS= read -r keel_length; do case $keel_length in keel:*) break; esac; done',
  `IFS= read -r -N "\${keel_length#keel:}" keel_script && eval "$keel_script"`,
].join('; ')

/**
 * By its full name, so that no function or alias of a .bashrc is called in its place; with exec, so that no trap of one
 * comes after it.
 */
const clean = `exec /usr/bin/env -i PATH=${programs}`
const bash = 'bash --norc --noprofile -c'
/**
 * sudo and PAM add to the environment again; -p, so that a bash which finds variables there runs none of them, and -c
 * starts the next with none. sudoers may allow bash and nothing else, so it is bash that sudo starts.
 */
const cleanBash = `bash --norc --noprofile -p -c 'exec -c "$BASH" --norc --noprofile -c "$0"' '${reader}'`

export const commands = {
  root: `${clean} ${bash} '${reader}'`,
  /** -n: sudo fails instead of asking. */
  sudo: `${clean} LC_ALL=C sudo -n -- ${cleanBash}`,
  /** -S: asks on stdin and stderr. -k: always asks, whatever it has cached, so that one run is like another. */
  sudoWithPassword: `${clean} LC_ALL=C sudo -k -S -p ${passwordPrompt} -- ${cleanBash}`,
} as const

/**
 * The script with its length before it. Inside braces bash parses it to the end before it runs its first command; line
 * numbers in its messages stay the script's own. The semicolon allows for a first line that is a comment, the newline
 * for a last one that is a comment or ends a here-document.
 * @throws TypeError for a NUL, which no bash variable can hold
 */
export function frameScript(script: string): Buffer {
  if (script.includes('\0')) throw new TypeError('a script for bash holds a NUL')
  const wrapped = Buffer.from(`{ unset -v keel_length keel_script;${script}\n}\n`)
  return Buffer.concat([Buffer.from(`keel:${wrapped.length}\n`), wrapped])
}

/** Lets through what comes after the ready line; keeps what came before as `noise`, the last 4 KiB of it. */
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
