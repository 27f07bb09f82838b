import { joinUnit, manifestsUnit } from '../../desired/distribution/kubeadm/units.ts'
import { documentFile } from '../../desired/distribution/kubeadm/ways-in.ts'
import type { HostState, WantedFile } from '../../desired/host-state.ts'
import { containerdConfigPath, containerdUnit } from '../../model/kubeadm/containerd-unit.ts'
import { keelKubeadmPaths, kubeadmPaths } from '../../model/kubeadm/paths.ts'
import { madeByKeel } from '../../model/made-by-keel.ts'
import type { UnitName } from '../../model/systems/unit-name.ts'
import { yamlText } from '../../model/text/yaml-text.ts'
import joinScript from '../../templates/kubeadm/join.sh'
import applyScript from '../../templates/kubeadm/manifests.sh'
import upgradeScript from '../../templates/kubeadm/upgrade.sh'
import joinTemplate from '../../templates/systemd/keel-kubeadm.service.hbs'
import manifestsTemplate from '../../templates/systemd/keel-manifests.service.hbs'
import { template } from '../../templates/template.ts'
import type { PlacedCredential } from '../rendered.ts'
import type { DistributionFiles } from './host-on-systemd.ts'
import { mergedBy } from './on-extensions.ts'
import { placedCredentials } from './placed-credentials.ts'

const joinText = template<{
  role: string
  program: string
  script: string
  borrows: string | undefined
  credentials: readonly PlacedCredential[]
}>(joinTemplate)
const manifestsText = template<{ script: string }>(manifestsTemplate)

const {
  folder,
  script,
  upgradeScript: upgradePath,
  localKubeconfig,
  certificates,
  manifests,
  applyScript: applyPath,
} = keelKubeadmPaths

/** A node of kubeadm's on a system that keel writes units for: the unit that joins, and all that it reads. */
export function kubeadmNode(state: HostState): DistributionFiles {
  const { own } = state.distribution
  if (own.kind !== 'kubeadm') throw new Error(`kubeadm's node of a ${own.kind} host`)
  const isServer = state.role === 'server'
  return {
    files: [
      documentFile({ document: own.document, others: own.otherDocuments }),
      rootFile(script, '0644', joinScript),
      rootFile(upgradePath, '0644', upgradeScript),
      unitFile(
        joinUnit,
        joinText({
          role: state.role,
          program: kubeadmPaths.program,
          script,
          borrows: own.borrows,
          credentials: placedCredentials(state),
        }),
      ),
      rootFile(`/etc/systemd/system/${mergedBy}.d/keel-kubernetes.conf`, '0644', unitsAtBoot),
      ...(own.containerd === undefined
        ? []
        : [
            own.containerd,
            {
              ...rootFile(`/etc/systemd/system/${containerdUnit}.d/keel.conf`, '0644', readsOurs),
              readAtStartBy: containerdUnit,
            },
          ]),
      ...own.cas.map(({ ca: { path }, certificatePem }) => rootFile(certificatePath(path), '0644', certificatePem)),
      ...state.files,
      ...(isServer ? serverFiles(state) : []),
    ],
    // Debian has it, and does not start it at a boot
    links: [
      { path: `/etc/systemd/system/sysinit.target.wants/${mergedBy}`, target: `/lib/systemd/system/${mergedBy}` },
    ],
    directories: [
      { path: folder, mode: '0700' },
      ...(own.containerd === undefined ? [] : [{ path: '/etc/containerd', mode: '0755' }]),
      { path: certificates, mode: '0755' },
      ...(isServer ? [{ path: manifests, mode: '0700', owned: true as const }] : []),
    ],
  }
}

function serverFiles(state: HostState): readonly WantedFile[] {
  return [
    rootFile(localKubeconfig, '0600', localKubeconfigText),
    rootFile(applyPath, '0644', applyScript),
    unitFile(manifestsUnit, manifestsText({ script: applyPath })),
    ...state.manifests.map(({ name, content }) => ({
      ...rootFile(`${manifests}/${name}`, '0600', content),
      readAtStartBy: manifestsUnit,
    })),
  ]
}

/** `etcd/ca` → `etcd-ca.crt`: the names that the script knows. */
function certificatePath(path: string): string {
  return `${certificates}/${path.slice(kubeadmPaths.pki.length + 1).replace('/', '-')}.crt`
}

/**
 * systemd 252 does not read the units of an image after it has merged it at a boot, so kubelet would not start (measured).
 */
const unitsAtBoot = `${madeByKeel}[Service]
ExecStartPost=systemctl daemon-reload
# without a kubelet the images of others stay merged
ExecStartPost=-systemctl start --no-block kubelet.service
`

/** Flatcar's unit names another file by this variable; Debian's does not use it. */
const readsOurs = `${madeByKeel}[Service]
Environment=CONTAINERD_CONFIG=${containerdConfigPath}
`

const localKubeconfigText = `${madeByKeel}${yamlText({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [
    { name: 'local', cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority': kubeadmPaths.ca } },
  ],
  contexts: [{ name: 'local', context: { cluster: 'local', user: 'kubernetes-admin' } }],
  'current-context': 'local',
})}`

function rootFile(path: string, mode: string, content: string): WantedFile {
  return { path, content, mode, owner: 'root', group: 'root' }
}

function unitFile(unit: UnitName, content: string): WantedFile {
  return rootFile(`/etc/systemd/system/${unit}`, '0644', content)
}
