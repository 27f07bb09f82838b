import { describe, expect, test } from 'vitest'
import { contentOf, refusals } from '../../../support/vkubelet/resolved-volume.ts'
import { containerObject, type Json } from '../../../support/vkubelet/sample-pod.ts'

describe('whose the files are', () => {
  const volume = { projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }
  const owned = (spec: Json, container: Json = {}) => {
    const content = contentOf(volume, spec, container)
    if (typeof content === 'string' || content.kind !== 'files') return expect.unreachable()
    const { mode, user } = content.files.get('token') ?? expect.unreachable()
    return { owner: content.owner, mode, user }
  }
  const root = { user: 0, group: 0, isShared: false }

  test('without users: root’s, and a token is for all', () => {
    expect(owned({})).toEqual({ owner: root, mode: 0o644, user: undefined })
  })
  test('of one user: a token is for that user alone', () => {
    expect(owned({ securityContext: { runAsUser: 7 } })).toEqual({ owner: root, mode: 0o600, user: 7 })
  })
  test('of one user with a group: the user’s, because systemd gives nobody the group', () => {
    const owner = { user: 7, group: 9, isShared: true }
    expect(owned({ securityContext: { runAsUser: 7, fsGroup: 9 } })).toEqual({ owner, mode: 0o640, user: undefined })
  })
  test('of two users: a token is for all, and a group is refused', () => {
    const two = [7, 8].map((runAsUser) => containerObject({ name: `c${runAsUser}`, securityContext: { runAsUser } }))
    expect(owned({ containers: two })).toEqual({ owner: root, mode: 0o644, user: undefined })
    expect(refusals({ containers: two, securityContext: { fsGroup: 9 } })).toEqual([
      'spec.securityContext.fsGroup: its containers have different users',
    ])
  })
})
