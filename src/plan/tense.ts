/** A plan says what deploy would do. An event says the same in the past, once deploy has done it. */
export type Tense = 'planned' | 'done'

/** Each verb: planned, then done. */
const VERBS = {
  push: ['push', 'pushed'],
  make: ['make', 'made'],
  write: ['write', 'wrote'],
  link: ['link', 'linked'],
  remove: ['remove', 'removed'],
  stop: ['stop', 'stopped'],
  store: ['store', 'stored'],
  certify: ['certify', 'certified'],
  place: ['place', 'placed'],
  delete: ['delete', 'deleted'],
  drain: ['drain', 'drained'],
  uncordon: ['uncordon', 'uncordoned'],
  open: ['open', 'opened'],
  label: ['label', 'labelled'],
  taint: ['taint', 'tainted'],
  record: ['record', 'recorded'],
  merge: ['merge', 'merged'],
  unmerge: ['unmerge', 'unmerged'],
  enable: ['enable', 'enabled'],
  load: ['load', 'loaded'],
  check: ['check', 'checked'],
  build: ['build', 'built'],
  switch: ['switch', 'switched'],
  apply: ['apply', 'applied'],
  has: ['has', 'had'],
  runs: ['runs', 'ran'],
  differs: ['differs', 'differed'],
  'if-differs': ['if a secret has another value', 'because a secret had another value'],
  // deploy only tells systemd to do this; a later phase waits until the unit runs
  'order-start': ['start', 'told systemd to start'],
  'order-restart': ['restart', 'told systemd to restart'],
  'order-upgrade': ['upgrade', 'told systemd to upgrade'],
  'order-reload': ['reload', 'told systemd to reload'],
} as const

export type Say = (verb: keyof typeof VERBS) => string

export function sayIn(tense: Tense): Say {
  return (verb) => VERBS[verb][tense === 'planned' ? 0 : 1]
}
