import { sh } from '../templates/shell-quote.ts'
import type { Probe } from './probe.ts'

/** systemd.unit(5), "Unit File Load Path", without what the system's own packages and generators bring. */
const unitPath = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
]

/**
 * Paths of the drop-ins on top of a unit, which none of keel's are. Found on the disk, as systemd's own list (DropInPaths) lacks one that is not loaded
 * yet, and keel's next reload would load it. Those in the Nix store are part of the system that the host's configuration becomes; a link to /dev/null
 * masks one, and sets nothing.
 */
export const dropIns: Probe<string, readonly string[]> = {
  name: 'drop-ins',
  script: (unit) => sh`
for folder in ${unitPath.map((path) => `${path}/${unit}.d`)}; do
  for file in "$folder"/*.conf; do
    if [ -f "$file" ] && [[ $(readlink -f -- "$file") != /nix/store/* ]]; then printf '%s\n' "\${file//[[:cntrl:]]/?}"; fi
  done
done`,
  parse: (stdout) => stdout.split('\n').filter((line) => line !== ''),
}
