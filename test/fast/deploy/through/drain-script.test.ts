import { expect, it } from 'vitest'
import { whyNotDrained } from '../../../../src/deploy/through/drain-script.ts'

const budget = (pod: string) =>
  `error when evicting pods/"${pod}" -n "shop" (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.`
const over = (pod: string) => `error when evicting pods/"${pod}" -n "shop": global timeout reached: 30s`
const pending = 'There are pending nodes to be drained:\n luna'

// what kubectl 1.36 prints
it.each<[string, readonly string[], string]>([
  [
    'a budget',
    [
      'Warning: ignoring DaemonSet-managed Pods: kube-system/x',
      budget('web-1'),
      budget('web-1'),
      pending,
      over('web-1'),
    ],
    'after 30 s a PodDisruptionBudget keeps shop/web-1',
  ],
  [
    'a long grace',
    [pending, 'error when waiting for pod "slow" in namespace "default" to terminate: global timeout reached: 30s'],
    'after 30 s there are still default/slow',
  ],
  [
    'Pods without a controller',
    [
      'error: unable to drain node "luna" due to error: cannot delete Pods that declare no controller (use --force to override): default/a, default/b, continuing command...',
      pending,
      'cannot delete Pods that declare no controller (use --force to override): default/a, default/b',
    ],
    'no controller would make these Pods again elsewhere: default/a, default/b',
  ],
  [
    'many Pods',
    Array.from({ length: 12 }, (_, index) => budget(`p${index}`)),
    `after 30 s a PodDisruptionBudget keeps ${Array.from({ length: 10 }, (_, index) => `shop/p${index}`).join(', ')}, …`,
  ],
  ['anything else', ['a warning', 'Error from server (Forbidden): no'], 'Error from server (Forbidden): no'],
])('kubectl drain says why Pods stay: %s', (_what, lines, said) => {
  expect(whyNotDrained(`${lines.join('\n')}\n`, 30)).toBe(said)
})
