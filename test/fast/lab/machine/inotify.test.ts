import { describe, expect, test } from 'vitest'
import { shortage } from '../../../../src/lab/machine/inotify.ts'

describe("a lab's share of the machine's inotify instances", () => {
  test.each([
    { hosts: { server: 1, agent: 1, spare: 1 }, limit: 128, used: 2, says: undefined },
    { hosts: { server: 3, agent: 2, spare: 0 }, limit: 128, used: 30, says: undefined },
    {
      hosts: { server: 3, agent: 2, spare: 0 },
      limit: 128,
      used: 31,
      says: /about 98 inotify instances; 97 of 128 are free.*=1024$/,
    },
    { hosts: { server: 9, agent: 200, spare: 0 }, limit: 1024, used: 2000, says: /; 0 of 1024 are free.*=9632$/ },
  ])('$hosts, $used of $limit taken', ({ hosts, limit, used, says }) => {
    const said = shortage(hosts, limit, used)
    if (says === undefined) expect(said).toBeUndefined()
    else expect(said).toMatch(says)
  })
})
