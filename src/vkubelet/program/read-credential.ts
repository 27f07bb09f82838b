import { readFile } from 'node:fs/promises'
import { ApiError } from '../../agent/kubernetes/api.ts'
import type { Credentials } from '../../agent/kubernetes/credentials.ts'
import type { VkubeletConfig } from '../../model/systemd-kubelet/vkubelet-config.ts'
import { serverOf } from './issuer-of.ts'

/** The credential of the Node as it is on the disk. @throws ApiError while there is none */
export async function readCredential(api: VkubeletConfig['api']): Promise<Credentials> {
  const { ca, client } = api
  const files = [ca, client.certificate, client.key]
  const [authority, cert, key] = await Promise.all(files.map((path) => readFile(path).catch(() => undefined)))
  if (authority === undefined || cert === undefined || key === undefined)
    throw new ApiError('the host has no certificate for its Node yet')
  return { server: await serverOf(api)(), ca: authority, cert, key }
}
