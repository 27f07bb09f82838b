import * as z from 'zod'
import { ARCHS, OSES } from '../model/cluster.ts'
import { LAB_ROLES } from './names.ts'

const k3sOptions = z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.string())]))

/** A k3s binary on this machine, in the form of an entry in keel.lock.json. */
export const artifactSchema = z.strictObject({
  /** What the program itself prints: `v1.36.3+k3s1`. */
  version: z.string(),
  arch: z.enum(ARCHS),
  path: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** `named` by KEEL_LAB_K3S, a `release` of k3s, or the `lookalike`, which is not k3s. */
  kind: z.enum(['named', 'release', 'lookalike']),
})

/** What every lab has. */
const common = {
  format: z.literal(1),
  name: z.string(),
  subnet: z.cidrv4(),
  /**
   * The private key that every Debian host's root accepts; a path on this machine. For a Flatcar host, its Ignition
   * config decides who may log in.
   */
  identity: z.string(),
  hosts: z.array(
    z.strictObject({
      name: z.string(),
      role: z.enum(LAB_ROLES),
      /**
       * `flatcar`: a look-alike, off until `lab provision` gives it its Ignition config. `nixos`: a Debian host that
       * acts as one.
       */
      os: z.enum(OSES),
      arch: z.enum(ARCHS),
      address: z.string(),
      /** A Flatcar look-alike creates its host key at its first boot, and has none before. */
      hostKey: z
        .string()
        .regex(/^ssh-ed25519 \S+$/)
        .optional(),
      nodeIP: z.ipv4(),
      podCIDR: z.cidrv4(),
    }),
  ),
  /**
   * The images in the containerd of every host, because no host can pull any. Empty if the lab could not build them.
   */
  images: z.array(z.string()),
}

export const k3sLab = z.strictObject({
  ...common,
  distribution: z.literal('k3s'),
  k3s: artifactSchema,
  /**
   * The keys that hosts of a lab need in k3s's config.yaml, besides keel's own keys: pull no images, use the network
   * plug-in and the containerd of the host.
   */
  k3sOptions: z.strictObject({ server: k3sOptions, agent: k3sOptions }),
})

export const kubeadmLab = z.strictObject({
  ...common,
  distribution: z.literal('kubeadm'),
  /** Upstream's Kubernetes on this machine. */
  kubernetes: z.strictObject({
    /** What its kubelet prints: `v1.36.3`. */
    version: z.string(),
    arch: z.enum(ARCHS),
    /** The programs for hosts, in the layout of a mirror: KEEL_MIRROR, `keel sysext build --from`. */
    releases: z.string(),
    /** A manifest of flannel, whose images the hosts have. */
    flannel: z.string(),
  }),
})

/** lab.json: everything that `keel init --lab`, ssh and tests need to know about a running lab. */
export const labSchema = z.discriminatedUnion('distribution', [k3sLab, kubeadmLab])
