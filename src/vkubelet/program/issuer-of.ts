import { readFile, rm } from 'node:fs/promises'
import type { HostName } from '../../model/brands.ts'
import type { VkubeletConfig } from '../../model/systemd-kubelet/vkubelet-config.ts'
import type { Issuer } from '../credentials/issuer.ts'
import { k3sIssuer } from '../credentials/k3s-issuer.ts'
import { kubeadmIssuer } from '../credentials/kubeadm-issuer.ts'
import { reachableServer } from '../credentials/reachable-server.ts'
import { writeAtomically } from '../host/write-atomically.ts'

interface Around {
  readonly node: HostName
  readonly addresses: readonly string[]
  readonly signal: AbortSignal
}

/** Who gives this Node its certificates, as the configuration has it. @throws Error of the system */
export async function issuerOf(api: VkubeletConfig['api'], { node, addresses, signal }: Around): Promise<Issuer> {
  const { join, ca } = api
  const server = serverOf(api)
  if (join.kind === 'kubeadm') {
    const token = async () => permitToken(await readFile(join.token, 'utf8'))
    const issuer = kubeadmIssuer({ node, server, ca: await readFile(ca, 'utf8'), token, signal })
    // it was for one join; until its certificate is on the disk, a kill must not leave the host without both
    return { ...issuer, joined: () => rm(join.token, { force: true }) }
  }
  const { token, nodePassword: passwordFile } = join
  const issuer = k3sIssuer({ node, server, token: () => readFile(token, 'utf8'), addresses, passwordFile })
  return {
    ...issuer,
    async client(request, own) {
      const certificate = await issuer.client(request, own)
      // for those who ask with the certificate of this Node, and don't know the token: before there is one on the disk
      await writeAtomically(ca, await issuer.serverCa(), 0o644)
      return certificate
    },
  }
}

/** The API server to ask now. */
export function serverOf({ servers }: Pick<VkubeletConfig['api'], 'servers'>): () => Promise<URL> {
  const [first = '', ...others] = servers
  return reachableServer([new URL(first), ...others.map((one) => new URL(one))])
}

/** A permit of keel: `join TOKEN`, in one line. */
export function permitToken(permit: string): string {
  return permit.trim().replace(/^join /, '')
}
