import { expect, test } from 'vitest'
import { usersIn } from '../../../src/vkubelet/host/pod-users.ts'

test.each<[string, string, readonly number[], readonly number[]]>([
  ['an empty file', '', [], []],
  ['those of the host', 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n', [0, 65_534], []],
  ['one of Pods', 'root:x:0:0::/:/bin/sh\nkeel-pod-4321:x:4321:4321:x:/:/usr/sbin/nologin\n', [0, 4321], [4321]],
  ['a name with the number of another', 'keel-pod-4321:x:1000:1000::/:/bin/sh\n', [1000], []],
  ['a line that is none', '+\nkeel-pod-7\n# x:x:y:\n', [], []],
])('%s', (_what, passwd, known, ofPods) => {
  expect(usersIn(passwd)).toEqual({ known: new Set(known), ofPods: new Set(ofPods) })
})
