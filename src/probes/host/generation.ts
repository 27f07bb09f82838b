import { type Probe, rows } from '../../model/probe.ts'

export interface GenerationState {
  /** Every path that keel's current generation put on this host; a dropped one is taken away again. */
  readonly owned: readonly string[]
  /** An earlier deploy changed what k3s reads at its start and did not come to restart it. */
  readonly restartPending: boolean
  /** An earlier deploy put files in place and did not come to see k3s healthy with them. */
  readonly unconfirmed: boolean
}

export const stateDirectory = '/var/lib/keel'
/** Lies there from before the first file is changed until the restart has been ordered. */
export const restartMarker = `${stateDirectory}/restart-pending`
/** Lies there from before the first file is changed until k3s has been seen healthy. */
export const unconfirmedMarker = `${stateDirectory}/unconfirmed`

/** What keel itself left on this host. */
export const generation: Probe<void, GenerationState> = {
  name: 'generation',
  script: () => `
[ -e ${restartMarker} ] && printf 'pending\\n'
[ -e ${unconfirmedMarker} ] && printf 'unconfirmed\\n'
[ -f ${stateDirectory}/current/manifest ] && sed 's/^/owned\\t/' ${stateDirectory}/current/manifest
true`,
  parse: (stdout) => {
    const lines = rows(stdout)
    return {
      owned: lines.flatMap(([kind, path]) => (kind === 'owned' && path !== undefined ? [path] : [])),
      restartPending: lines.some(([kind]) => kind === 'pending'),
      unconfirmed: lines.some(([kind]) => kind === 'unconfirmed'),
    }
  },
}
