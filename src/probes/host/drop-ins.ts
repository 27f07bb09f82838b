import type { Probe } from '../../model/probe.ts'
import { sh } from '../../templates/shell-quote.ts'

/** systemd.unit(5), "Unit File Load Path", without the folders of the system's packages and generators. */
const unitPath = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
]

/** The drop-ins that LXC's distrobuilder adds to every service of a container at each boot. */
const ofContainers = 'zzz-lxc-service.conf'

/**
 * Paths of the drop-ins on top of a unit, which none of keel's are: those of the unit, of all units whose names begin
 * as its own does (`k3s-.service.d`), and of every service. Found on the disk, as systemd's own list (DropInPaths)
 * lacks one that is not loaded yet, and keel's next reload would load it. Those in the Nix store are part of the system
 * that the host's configuration becomes; a link to /dev/null masks one, and sets nothing.
 */
export const dropIns: Probe<string, readonly string[]> = {
  name: 'drop-ins',
  script: (unit) => sh`
for folder in ${foldersOf(unit).flatMap((folder) => unitPath.map((path) => `${path}/${folder}`))}; do
  for file in "$folder"/*.conf; do
    if [ -f "$file" ] && [[ $(readlink -f -- "$file") != /nix/store/* ]] && [[ $file != */service.d/${ofContainers} ]]; then
      printf '%s\n' "\${file//[[:cntrl:]]/?}"
    fi
  done
done`,
  parse: (stdout) => stdout.split('\n').filter((line) => line !== ''),
}

/** `a-b.service`: `a-b.service.d`, `a-.service.d`, `service.d` (systemd.unit(5)). */
function foldersOf(unit: string): readonly string[] {
  const dot = unit.lastIndexOf('.')
  const [name, type] = [unit.slice(0, dot), unit.slice(dot + 1)]
  const parts = name.split('-').slice(0, -1)
  const prefixes = parts.map((_, index) => `${parts.slice(0, parts.length - index).join('-')}-.${type}.d`)
  return [`${unit}.d`, ...prefixes, `${type}.d`]
}
