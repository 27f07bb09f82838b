import { shellQuote } from '../../../src/templates/shell-quote.ts'
import { inLabRoot } from './lab-root.ts'

/**
 * What a script prints on a machine where Debian 12's own containerd runs with this configuration. A `systemctl` of three
 * lines tells the process, and nothing else.
 */
export function onContainerd(config: string, script: string): Promise<string> {
  return inLabRoot(`set -e
mkdir /run/test
printf %s ${shellQuote(config)} >/etc/containerd/config.toml
containerd </dev/null >/run/test/log 2>&1 &
printf '#!/bin/sh\\n[ "$*" = "show --property=MainPID --value containerd.service" ] || exit 1\\necho %s\\n' $! >/run/test/systemctl
chmod 755 /run/test/systemctl
until ctr version >/dev/null 2>&1; do kill -0 $! || { cat /run/test/log >&2; exit 1; }; sleep 0.1; done
set +e
${script}`)
}
