/**
 * A verb as a plan has it, and as it is once it is done. systemd is told to start a unit, and deploy then waits until
 * it runs.
 */
const VERBS = {
  push: ['push', 'pushed'],
  make: ['make', 'made'],
  write: ['write', 'wrote'],
  link: ['link', 'linked'],
  remove: ['remove', 'removed'],
  stop: ['stop', 'stopped'],
  store: ['store', 'stored'],
  place: ['place', 'placed'],
  delete: ['delete', 'deleted'],
  open: ['open', 'opened'],
  label: ['label', 'labelled'],
  taint: ['taint', 'tainted'],
  record: ['record', 'recorded'],
  merge: ['merge', 'merged'],
  enable: ['enable', 'enabled'],
  load: ['load', 'loaded'],
  check: ['check', 'checked'],
  build: ['build', 'built'],
  switch: ['switch', 'switched'],
  apply: ['apply', 'applied'],
  has: ['has', 'had'],
  runs: ['runs', 'ran'],
  differs: ['differs', 'differed'],
  'order-start': ['start', 'told systemd to start'],
  'order-restart': ['restart', 'told systemd to restart'],
  'order-reload': ['reload', 'told systemd to reload'],
} as const

export type Say = (verb: keyof typeof VERBS) => string

export const toSay: Say = (verb) => VERBS[verb][0]
export const said: Say = (verb) => VERBS[verb][1]
