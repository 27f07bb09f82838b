import { ExitCode, KeelError } from '../errors.ts'
import { type Recovery, recover, replaceFiles } from '../files/transaction/replace-files.ts'
import type { SecretName, Sha256 } from '../model/brands.ts'
import type { Cluster, SecretRule } from '../model/cluster.ts'
import { sha256 } from '../model/digest.ts'
import { AGENT_CA_CERTIFICATE_FILE, AGENT_CA_KEY } from '../model/keel-agent/agent-ca.ts'
import { caKeyHash } from '../model/kubeadm/ca-cert-hash.ts'
import { kubeadmCas, kubernetesCa } from '../model/kubeadm/pki.ts'
import { hint } from '../model/text/nearest.ts'
import type { AgeIdentity } from './identity/identity.ts'
import { missingFile } from './missing-file.ts'
import { CA_CERTIFICATE_FILE } from './pki/ca-certificate-file.ts'
import { keyNames } from './readers/key-names.ts'
import type { FileState, KeyNames } from './readers/staleness.ts'
import { readSecretFile, readSnapshot, type Snapshot } from './snapshot.ts'

export interface SecretFile {
  readonly rule: SecretRule
  readonly state: FileState
  /** Encrypted to nobody that the inventory knows. */
  readonly lost: boolean
}

export interface CaCertificate {
  /** The text of the file, byte for byte, because with k3s its hash is in every token. */
  readonly pem: string
  /** By which a node that joins knows it. */
  readonly hash: Sha256
}

/**
 * The secrets of an inventory. First it finishes or undoes the change in which an earlier run was killed.
 * @param directory the folder of the inventory
 */
export async function openStore(directory: string, cluster: Cluster): Promise<Store> {
  return new Store(directory, cluster, await recover(directory))
}

/**
 * The code that reads and writes age files is loaded on demand: it is a third of keel, and `plan` and `render` open no
 * such file.
 */
export class Store {
  readonly directory: string
  readonly cluster: Cluster
  /** What keel had to finish or undo when it opened the store. */
  readonly recovery: Recovery | undefined
  readonly nameOf: KeyNames

  constructor(directory: string, cluster: Cluster, recovery: Recovery | undefined) {
    this.directory = directory
    this.cluster = cluster
    this.recovery = recovery
    this.nameOf = keyNames(cluster)
  }

  /** @throws KeelError `secret-unknown` (exit 2) with the nearest name. */
  rule(name: string): SecretRule {
    const rule = this.cluster.secrets.find((each) => each.name === name)
    if (rule !== undefined) return rule
    const names = this.cluster.secrets.map((each) => each.name)
    const near = hint(name, names)
    throw new KeelError({
      code: 'secret-unknown',
      at: name,
      found: 'no secret of that name',
      todo: `${near ?? '`keel secret ls` lists the names'}\nor add it to the secrets of the inventory`,
      exit: ExitCode.Usage,
    })
  }

  snapshot(): Promise<Snapshot> {
    return readSnapshot(this.directory, this.cluster.secrets)
  }

  /** How every file compares to its rule; needs no private key. */
  async inspect(): Promise<readonly SecretFile[]> {
    const [{ stateOf }, { isLost }] = await Promise.all([
      import('./readers/staleness.ts'),
      import('./readers/lost-files.ts'),
    ])
    const snapshot = await this.snapshot()
    return snapshot.rules.map((rule) => {
      const state = stateOf(snapshot, rule, this.nameOf)
      const file = snapshot.files.get(rule.file)
      return { rule, state, lost: state.kind === 'stale' && file !== undefined && isLost(this.cluster, file) }
    })
  }

  /** The value of a secret, in plain text. @throws KeelError like `unseal` */
  async read(name: SecretName, identities: readonly AgeIdentity[]): Promise<Uint8Array> {
    const { unseal } = await import('./unseal.ts')
    const rule = this.rule(name)
    return unseal(rule, await readSecretFile(this.directory, rule.file), identities, this.nameOf)
  }

  /**
   * Encrypts a value to the readers of the secret and writes it.
   * @param value in plain text; zeroed
   * @param before the snapshot from which the value was made, if there is one
   */
  async write(name: SecretName, value: Uint8Array, before?: Snapshot): Promise<void> {
    const { seal } = await import('./seal.ts')
    const rule = this.rule(name)
    await replaceFiles(this.directory, await seal(before ?? (await this.snapshot()), [{ rule, value }]))
  }

  /**
   * The digest of the encrypted file. It changes with every encryption, and shows nothing about the value.
   * @throws KeelError `secret-no-value`
   */
  async sourceDigest(name: SecretName): Promise<Sha256> {
    const rule = this.rule(name)
    const file = await readSecretFile(this.directory, rule.file)
    if (file === undefined) throw missingFile(rule)
    return sha256(file)
  }

  /**
   * The server CA of the cluster. Undefined if keel does not know it, because it took over a running cluster.
   * @throws KeelError `server-ca`, `kubeadm-ca` (exit 2)
   */
  async caCertificate(): Promise<CaCertificate | undefined> {
    const isKubeadm = this.cluster.distribution.kind === 'kubeadm'
    const file = isKubeadm ? kubernetesCa.certificateFile : CA_CERTIFICATE_FILE
    const pem = await readSecretFile(this.directory, file)
    if (pem === undefined) return undefined
    if (isKubeadm) {
      const { checkKubeadmCertificate } = await import('./pki/kubeadm-ca.ts')
      checkKubeadmCertificate(kubernetesCa, pem.toString(), Date.now())
      return { pem: pem.toString(), hash: caKeyHash(pem.toString()) }
    }
    const { caHash } = await import('./pki/server-ca.ts')
    return { pem: pem.toString(), hash: caHash(pem) }
  }

  /** The certificates of the CAs of a kubeadm cluster in PEM, by file; those that are there. */
  async kubeadmCertificates(): Promise<ReadonlyMap<string, string>> {
    if (this.cluster.distribution.kind !== 'kubeadm') return new Map()
    const found = kubeadmCas.map(async ({ certificateFile }) => {
      const pem = await readSecretFile(this.directory, certificateFile)
      return pem === undefined ? [] : [[certificateFile, pem.toString()] as const]
    })
    return new Map((await Promise.all(found)).flat())
  }

  /**
   * The certificate of the keel-agents' CA in PEM. Undefined in an inventory without the keel-agent.
   * @throws KeelError `agent-ca-missing` (exit 2) if there is none yet; `agent-ca` (exit 2) if its key is not there, or
   * the certificate
   */
  async agentCaCertificate(): Promise<string | undefined> {
    if (this.cluster.keelAgent === undefined) return undefined
    const { badAgentCa, checkAgentCa, noAgentCa } = await import('./pki/agent-ca.ts')
    const { certificate, hasKey } = await this.agentCaFiles()
    const { file } = this.rule(AGENT_CA_KEY)
    if (certificate === undefined)
      throw hasKey ? badAgentCa('no certificate', `its key is there: ${file}`) : noAgentCa()
    checkAgentCa(certificate)
    if (!hasKey) throw badAgentCa('a certificate without its key', `${file} is not there`)
    return certificate
  }

  /** What is there of the keel-agents' CA. */
  async agentCaFiles(): Promise<{ readonly certificate?: string; readonly hasKey: boolean }> {
    const rule = this.cluster.secrets.find(({ name }) => name === AGENT_CA_KEY)
    const [certificate, key] = await Promise.all([
      readSecretFile(this.directory, AGENT_CA_CERTIFICATE_FILE),
      rule === undefined ? undefined : readSecretFile(this.directory, rule.file),
    ])
    return { ...(certificate === undefined ? {} : { certificate: certificate.toString() }), hasKey: key !== undefined }
  }
}
