import { execa } from 'execa'

/**
 * A manager in namespaces of its own on this machine, of the user's kind (`--user`): `systemctl` is told so, and what it hides
 * paths with is where only the system's kind looks for it.
 */
const setUp = `mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs tmpfs /srv
mount -t tmpfs tmpfs /var/lib
mkdir -p /run/systemd/system /run/user/0/systemd/user
export XDG_RUNTIME_DIR=/run/user/0 XDG_CONFIG_HOME=/srv/config XDG_CACHE_HOME=/srv/cache SYSTEMD_LOG_TARGET=null
cp /usr/bin/systemctl /run/systemctl
printf '#!/bin/sh\\nXDG_RUNTIME_DIR=/run/user/0 exec /run/systemctl --user "$@"\\n' > /run/wrapper; chmod 755 /run/wrapper
mount --bind /run/wrapper /usr/bin/systemctl
/lib/systemd/systemd --user --unit=basic.target &
for _ in $(seq 600); do systemctl is-system-running > /dev/null 2>&1 && break; sleep 0.1; done
cp -a /run/user/0/systemd/inaccessible /run/systemd/
exec "$0" "$@"`

/** Runs a program of TypeScript where systemctl asks a real systemd. @returns the JSON that it prints */
export async function inOwnSystemd<Said>(program: URL, ...words: readonly string[]): Promise<Said> {
  const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--mount-proc', '--kill-child']
  const node = [process.execPath, '--no-warnings', program.pathname, ...words]
  const { stdout } = await execa('unshare', [...namespaces, 'bash', '-euc', setUp, ...node], { stdin: 'ignore' })
  return JSON.parse(stdout)
}
