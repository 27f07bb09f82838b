import type { Host, HostFile, KeelAgent } from '../../model/cluster.ts'
import type { Access } from '../../model/distribution/access.ts'
import type { WrittenAgentConfig } from '../../model/keel-agent/agent-config.ts'
import { agentIdentity } from '../../model/keel-agent/agent-identity.ts'
import { agentNames } from '../../model/keel-agent/agent-names.ts'
import { madeByKeel } from '../../model/made-by-keel.ts'
import type { WholeCluster } from '../../model/servers-of.ts'
import { vkubeletCredential, vkubeletPaths } from '../../model/systemd-kubelet/paths.ts'
import { yamlText } from '../../model/text/yaml-text.ts'
import { rootFile } from '../root-file.ts'
import type { NodeAgent } from './node-agent.ts'

const kubeconfig = '/etc/keel/kubeconfig'
const configuration = '/etc/keel/agent.json'

/** @returns undefined where the host carries none of it */
export function nodeAgentOf(whole: WholeCluster, host: Host): NodeAgent | undefined {
  const { cluster, agentCa, access } = whole
  const { keelAgent } = cluster
  if (keelAgent === undefined || !host.keelAgent) return undefined
  return {
    nodeName: host.name,
    ...(keelAgent.program === undefined ? {} : { program: keelAgent.program }),
    configuration,
    files: [
      kubeconfigFile(whole, host, keelAgent),
      configurationFile(host, keelAgent),
      ...(agentCa === undefined ? [] : [caFile(agentCa)]),
    ],
    state: { path: agentIdentity.folder, mode: '0700' },
    ...(agentCa === undefined ? {} : { first: { ca: agentCa, node: host.name, names: agentNames(host) } }),
    hiddenFolders: access.hidden
      .filter(({ onlyOn }) => onlyOn === undefined || onlyOn === host.role)
      .map(({ path, mode }) => ({ path, mode })),
    credentialFolders: [
      ...(keelAgent.credential.kind === 'kubelet' ? [folderOf(kubeletOn(whole, host).key)] : []),
      // the CA alone, whatever the agent shows to the API server
      ...(host.systemdKubelet === undefined ? [] : [vkubeletPaths.folders.ca]),
    ],
  }
}

/** What the Node of a host shows to the API. */
function kubeletOn({ access, cluster }: WholeCluster, { systemdKubelet }: Host): Access['kubelet'] {
  return systemdKubelet === undefined ? access.kubelet : vkubeletCredential(cluster.distribution.kind)
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

/** Refers to the credential by path: its certificate is renewed, so a copy would expire. */
function kubeconfigFile(whole: WholeCluster, host: Host, { credential }: KeelAgent): HostFile {
  const kubelet = kubeletOn(whole, host)
  const user =
    credential.kind === 'kubelet'
      ? { 'client-certificate': kubelet.certificate, 'client-key': kubelet.key }
      : { tokenFile: credential.file }
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'node', cluster: { server: whole.apiOn(host), 'certificate-authority': kubelet.ca } }],
    users: [{ name: 'keel-agent', user }],
    contexts: [{ name: 'keel-agent', context: { cluster: 'node', user: 'keel-agent' } }],
    'current-context': 'keel-agent',
  }
  return rootFile(kubeconfig, '0600', madeByKeel + yamlText(content, { sortMapEntries: true }))
}

function configurationFile(host: Host, { port, logLevel, rbac, credential }: KeelAgent): HostFile {
  const config: WrittenAgentConfig = {
    version: 1,
    // the kubelet's certificate never approves
    kubernetes: { kubeconfig, ...(rbac === 'one-role' && credential.kind === 'token' ? { approvesOwn: true } : {}) },
    operational: agentIdentity.operational,
    names: agentNames(host),
    listen: { port },
    log: { level: logLevel },
  }
  return rootFile(configuration, '0600', `${JSON.stringify(config, null, 2)}\n`)
}

/** Whose certificates its clients show; public. */
function caFile(content: string): HostFile {
  return rootFile(agentIdentity.clientCa, '0644', content)
}
