import { execa } from 'execa'
import { expect, test } from 'vitest'
import {
  letInScript,
  newBootstrapToken,
  revokeScript,
  tokenSecret,
  tokenText,
} from '../../../../src/deploy/through/join-token.ts'
import { k3sAccess } from '../../../../src/desired/distribution/k3s/access.ts'

/** Its words come out first, and then what it reads. */
const access = { ...k3sAccess, kubectl: ['kubectl'] }
const kubectl = 'kubectl() { printf "%s\\n" "$*" >&3; command -p cat >&3; }\nexec 3>&1\n'

test('a token is as Kubernetes wants it, and another one each time', () => {
  const tokens = Array.from({ length: 50 }, () => tokenText(newBootstrapToken()))
  for (const token of tokens) expect(token).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/)
  expect(new Set(tokens).size).toBe(tokens.length)
})

test('the server gets it on stdin, and ends it after a quarter of an hour by its own clock', async () => {
  const token = newBootstrapToken()
  const script = kubectl + letInScript(access).replace('>/dev/null', '')
  const { stdout } = await execa('bash', ['-c', script], { input: tokenSecret(token, 'maia') })
  const [words = '', body = ''] = stdout.split('\n')
  expect(words).toBe('create --request-timeout=30s --filename=-')
  const { stringData, ...object } = JSON.parse(body)
  expect(object).toMatchObject({
    type: 'bootstrap.kubernetes.io/token',
    metadata: { name: `bootstrap-token-${token.id}`, namespace: 'kube-system' },
  })
  expect(stringData).toMatchObject({
    'token-id': token.id,
    'token-secret': token.secret,
    description: 'keel deploy maia',
  })
  const minutes = (Date.parse(stringData.expiration) - Date.now()) / 60_000
  expect(minutes).toBeGreaterThan(14)
  expect(minutes).toBeLessThan(16)
})

test('only the id of a token is in a command line', () => {
  const token = newBootstrapToken()
  expect(letInScript(access) + revokeScript(access, token)).not.toContain(token.secret)
  expect(revokeScript(access, token)).toContain(`bootstrap-token-${token.id}`)
})
