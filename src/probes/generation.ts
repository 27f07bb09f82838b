import { type Probe, rows } from './probe.ts'

export interface GenerationState {
  /** Every path that keel's current generation put on this host; a dropped one is taken away again. */
  readonly owned: readonly string[]
  /** An earlier deploy changed what k3s reads at its start and did not come to restart it. */
  readonly restartPending: boolean
}

export const stateDirectory = '/var/lib/keel'
/** Lies there from before the first file is changed until the restart has been ordered. */
export const restartMarker = `${stateDirectory}/restart-pending`

/** What keel itself left on this host. */
export const generation: Probe<void, GenerationState> = {
  name: 'generation',
  script: () => `
[ -e ${restartMarker} ] && printf 'pending\\n'
[ -f ${stateDirectory}/current/manifest ] && sed 's/^/owned\\t/' ${stateDirectory}/current/manifest
true`,
  parse: (stdout) => {
    const lines = rows(stdout)
    return {
      owned: lines.flatMap(([kind, path]) => (kind === 'owned' && path !== undefined ? [path] : [])),
      restartPending: lines.some(([kind]) => kind === 'pending'),
    }
  },
}
