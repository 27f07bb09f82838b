/** What keel does for a part besides its files. */
export type PartOperation =
  | { readonly op: 'enable-unit'; readonly unit: string }
  | { readonly op: 'load-firewall'; readonly unit: string; readonly why: 'new' | 'changed' | 'gone' | 'differs' }
  /** A unit beside k3s's: one of the two that move the cluster's address, or the keel-agent's. */
  | { readonly op: 'run-unit'; readonly unit: string; readonly by: 'start' | 'reload' | 'restart' }
