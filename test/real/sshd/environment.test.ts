import { writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../../src/ssh/connect.ts'
import { loadKeyRing } from '../../../src/ssh/keys/key-ring.ts'
import { type SshHost, startSshHost, type sudoers } from '../../support/hosts/ssh-host.ts'

/** What changes how GNU tools, bash, systemd, kubectl and k3s behave, and values that would be noticed. */
const variables = {
  POSIXLY_CORRECT: '1',
  TMPDIR: '/nonexistent',
  LS_COLORS: 'di=31',
  TIME_STYLE: '+%s',
  BLOCK_SIZE: '1',
  BLOCKSIZE: '1',
  DF_BLOCK_SIZE: '1',
  DU_BLOCK_SIZE: '1',
  LS_BLOCK_SIZE: '1',
  QUOTING_STYLE: 'c',
  COLUMNS: '20',
  LINES: '2',
  TERM: 'xterm',
  _POSIX2_VERSION: '199209',
  GREP_OPTIONS: '-v',
  GREP_COLORS: 'mt=01;31',
  GREP_COLOR: '01;31',
  TAR_OPTIONS: '--verbose',
  GZIP: '-9',
  XZ_DEFAULTS: '-T9',
  XZ_OPT: '-9',
  ZSTD_CLEVEL: '19',
  BASH_ENV: '/etc/hosts',
  ENV: '/etc/hosts',
  SHELLOPTS: 'xtrace:noglob:noexec',
  BASHOPTS: 'failglob',
  BASH_COMPAT: '3.2',
  BASH_XTRACEFD: '1',
  CDPATH: '/usr',
  GLOBIGNORE: '*',
  EXECIGNORE: '*',
  FIGNORE: '.o',
  IFS: 'x',
  PS4: '$(echo hacked)',
  TMOUT: '1',
  LANG: 'de_DE.UTF-8',
  LANGUAGE: 'de',
  LC_ALL: 'tr_TR.UTF-8',
  LC_MESSAGES: 'de_DE.UTF-8',
  LC_COLLATE: 'de_DE.UTF-8',
  TZ: 'Asia/Tokyo',
  SYSTEMD_PAGER: '/bin/false',
  SYSTEMD_COLORS: '1',
  SYSTEMD_LOG_LEVEL: 'debug',
  SYSTEMD_URLIFY: '1',
  SYSTEMD_UNIT_PATH: '/nonexistent',
  SYSTEMD_OFFLINE: '1',
  SYSTEMD_IGNORE_CHROOT: '0',
  SYSTEMCTL_SKIP_SYSV: '1',
  SYSTEMCTL_FORCE_BUS: '1',
  PAGER: '/bin/false',
  LESS: '-X',
  XDG_RUNTIME_DIR: '/nonexistent',
  XDG_CONFIG_HOME: '/nonexistent',
  DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nonexistent',
  KUBECONFIG: '/nonexistent',
  KUBECTL_EXTERNAL_DIFF: '/bin/false',
  K3S_TOKEN: 'of-another-cluster',
  K3S_URL: 'https://192.0.2.1:6443',
  K3S_CONFIG_FILE: '/nonexistent',
  K3S_DATA_DIR: '/nonexistent',
  K3S_KUBECONFIG_MODE: '644',
  CONTAINERD_ADDRESS: '/nonexistent',
  GODEBUG: 'http2debug=2',
  GOMAXPROCS: '1',
  http_proxy: 'http://192.0.2.1:1',
  https_proxy: 'http://192.0.2.1:1',
  HTTPS_PROXY: 'http://192.0.2.1:1',
  no_proxy: '',
  NIX_PATH: 'nixpkgs=/nonexistent',
  NIX_CONFIG: 'sandbox = false',
  GIT_DIR: '/nonexistent',
  LD_LIBRARY_PATH: '/nonexistent',
  LD_BIND_NOW: '1',
  MALLOC_PERTURB_: '1',
  GCONV_PATH: '/nonexistent',
  HOME: '/nonexistent',
  USER: 'nobody',
  LOGNAME: 'nobody',
  PATH: '/usr/bin:/bin',
} as const

/**
 * What a script may notice of the shell that it runs in: its variables, options, aliases, functions and traps; where it
 * is and what it may write.
 */
const surroundings = `env -0 | tr '\\0' '\\n' | grep -v ^_= | sort; echo --; printf '%q\\n' "$IFS" "$PS4" "\${CDPATH-}" "\${TMPDIR-}"
shopt | sort; set -o; alias; declare -F; trap; ls -d /etc/passwd; df /proc | wc -l; date -d @0 +%Z; type -t grep systemctl`
const clean = ['HOME=/root', 'LC_ALL=C', 'LOGNAME=root', 'PATH=', 'PWD=/', 'SHLVL=', 'USER=root']

/** A .bashrc of somebody who has thought of himself only. Its words are what must not be heard. */
const bashrc = `echo 'Welcome to this machine!'; echo 'and its errors' >&2
set -o noclobber -o nounset; shopt -s failglob nocasematch
grep() { echo 'my own grep'; }; systemctl() { return 1; }; env() { echo 'my own env'; }; bash() { echo 'my own bash'; }; sudo() { echo 'my own sudo'; }
export -f grep systemctl env bash sudo; export ${Object.entries(variables)
  .filter(([name]) => !['SHELLOPTS', 'BASHOPTS', 'IFS', 'PATH'].includes(name))
  .map(([name, value]) => `${name}='${value}'`)
  .join(' ')}
IFS=x; PS4='$(echo hacked)'; trap 'echo bye' EXIT; cd /tmp
alias ls='ls --color=always' grep='grep -v' bash='false' env='false'; shopt -s expand_aliases
`

let plain: SshHost
let odd: SshHost
beforeAll(async () => {
  plain = await startSshHost()
  const setEnv = [
    ...Object.entries(variables).map(([name, value]) => `"${name}=${value}"`),
    // with POSIXLY_CORRECT a function named as a special builtin (exec, eval) ends the login shell itself
    ...['grep', 'systemctl', 'env', 'bash', 'sudo', 'echo', 'read', 'printf'].map(
      (name) => `"BASH_FUNC_${name}%%=() { builtin echo hacked; }"`,
    ),
  ]
  odd = await startSshHost({
    config: [`SetEnv ${setEnv.join(' ')}`, 'PermitUserEnvironment yes'],
    sudoEnvironment: { ...variables, LD_LIBRARY_PATH: '', MALLOC_PERTURB_: '' },
  })
  for (const home of ['root', 'free', 'keeping']) {
    await mkdir(join(odd.directory, 'home', home, '.ssh'), { recursive: true })
    writeFileSync(
      join(odd.directory, 'home', home, '.ssh/environment'),
      'TAR_OPTIONS=--verbose\nRSYNC_RSH=false\nBASH_ENV=/etc/hosts\n',
    )
  }
})
afterAll(async () => {
  await plain?.stop()
  await odd?.stop()
})

async function surroundingsOf(host: SshHost, user: keyof typeof sudoers | 'root') {
  const keys = await loadKeyRing({ identities: [host.userKey], env: {}, ask: async () => undefined })
  const transport = await connect(host.target({ user }), { keys, password: async () => host.password })
  try {
    // twice: the first run of a connection goes another way
    const first = await transport.run(surroundings)
    expect(await transport.run(surroundings, { input: Buffer.from('of the script') })).toEqual(first)
    return first
  } finally {
    await transport.close()
  }
}

const users = ['root', 'free', 'asked', 'keeping'] as const

describe.each(users)('the shell of %s', (user) => {
  test('has an environment that is the same everywhere', async () => {
    const { exitCode, stdout } = await surroundingsOf(plain, user)
    const names = (stdout.split('--\n')[0] ?? '').trimEnd().split('\n')
    expect(exitCode).toBe(0)
    expect(names.map((line, index) => line.slice(0, clean[index]?.length))).toEqual(clean)
  })

  test('sees nothing of SetEnv, ~/.ssh/environment, PAM and exported functions', async () => {
    expect(await surroundingsOf(odd, user)).toEqual({
      ...(await surroundingsOf(plain, user)),
      stderr: expect.anything(),
    })
  })

  test('sees nothing of a .bashrc that prints, sets aliases, functions, options and variables', async () => {
    const expected = await surroundingsOf(plain, user)
    const file = join(plain.directory, 'home', user, '.bashrc')
    writeFileSync(file, bashrc)
    try {
      // its words on stderr are sshd's to send
      expect(await surroundingsOf(plain, user)).toEqual({ ...expected, stderr: expect.anything() })
    } finally {
      writeFileSync(file, '')
    }
  })
})

test.each(['root', 'free'] as const)('a .bashrc of %s that starts another shell is passed by', async (user) => {
  const file = join(plain.directory, 'home', user, '.bashrc')
  const expected = await surroundingsOf(plain, user)
  writeFileSync(file, 'echo hello; exec /bin/dash\n')
  try {
    expect(await surroundingsOf(plain, user)).toEqual(expected)
  } finally {
    writeFileSync(file, '')
  }
})
