import { type Probe, rows } from '../../model/probe.ts'

export interface GenerationState {
  /** Every path that keel's current generation put on this host; keel removes one that is no longer wanted. */
  readonly owned: readonly string[]
  /** An earlier deploy changed what k3s reads at its start, but did not restart it. */
  readonly restartPending: boolean
  /** An earlier deploy put files in place, but did not see k3s healthy with them. */
  readonly unconfirmed: boolean
}

export const stateDirectory = '/var/lib/keel'
/** Exists from before the first change of a file until systemd was told to restart. */
export const restartMarker = `${stateDirectory}/restart-pending`
/** Exists from before the first change of a file until k3s was healthy. */
export const unconfirmedMarker = `${stateDirectory}/unconfirmed`

/** What keel itself left on this host. */
export const generation: Probe<void, GenerationState> = {
  name: 'generation',
  script: () => `
[ -e ${restartMarker} ] && printf 'pending\\n'
[ -e ${unconfirmedMarker} ] && printf 'unconfirmed\\n'
owned=()
[ -f ${stateDirectory}/current/manifest ] && mapfile -t owned < ${stateDirectory}/current/manifest
[ \${#owned[@]} -eq 0 ] || printf 'owned\\t%s\\n' "\${owned[@]}"`,
  parse: (stdout) => {
    const lines = rows(stdout)
    return {
      owned: lines.flatMap(([kind, path]) => (kind === 'owned' && path !== undefined ? [path] : [])),
      restartPending: lines.some(([kind]) => kind === 'pending'),
      unconfirmed: lines.some(([kind]) => kind === 'unconfirmed'),
    }
  },
}
