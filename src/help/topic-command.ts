/** Pages that have the name of a verb. A test compares them with the verbs, which this folder can't import. */
export const TOPICS_LIKE_VERBS: readonly string[] = [
  'butane',
  'completion',
  'deploy',
  'graph',
  'kubeconfig',
  'lab',
  'plan',
  'status',
  'sysext',
  'vip',
]

/** The command that shows a page: `keel help vip` is about the verb. */
export function topicCommand(topic: string): string {
  return TOPICS_LIKE_VERBS.includes(topic) ? `keel help topics ${topic}` : `keel help ${topic}`
}
