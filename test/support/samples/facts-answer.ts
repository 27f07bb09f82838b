import { ofBothRoles } from './facts-text.ts'

const mark = '\u0001probe '

const digest = 'd'.repeat(64)

/** The answers of an honest Debian server to the questions of a probe, section by section. */
export const honestSections: Readonly<Record<string, string>> = {
  'host-system': 'id=debian\nmachine=x86_64\nsystemd=252\nmissing=systemd-sysext\n',
  'path-states': `/etc/x\tfile\t644\troot\troot\n/etc/x\tsha256\t${digest}\n/etc/y\tlink\t/etc/x\n/etc/keel\tdirectory\t755\n/etc/z\tnone\n/etc/token\tfile\t600\troot\troot\n/etc/token\tsha256\t${digest}\n`,
  'large-files': '',
  'credential-notes': `k3s-server-token\t/etc/token\t${digest}\t${digest}\nother\t/etc/z\t\t\n`,
  past: `server\tyes\nserverCa\t${digest}\n`,
  generation: 'owned\t/etc/x\nowned\t/etc/keel/\n',
  'past-version': 'version\tv1.36.3+k3s1\n',
  'unit-state': 'ActiveState=active\nUnitFileState=enabled\nNeedDaemonReload=no\n',
  'drop-ins': '/etc/systemd/system/k3s.service.d/mine.conf\n',
  foreign: `unit\tmine.service\tactive\tenabled\t/etc/systemd/system/mine.service\tk3s server\tmulti-user.target \tdata-dir \nstarter\t/etc/crontab:3\tk3s server
container\tk3d\trancher/k3s in a container\trunning\nprocess\t7\tkubelet\t\nport\ttcp\t6443\thaproxy\t8\thaproxy.service
drop-in\tk3s.service\t/etc/systemd/system/k3s.service.d/mine.conf\tNice \ndefault\t/etc/systemd/system.conf\tDefaultLimitNOFILE \nenvironment\tK3S_URL
variables\t/etc/default/k3s\t\tK3S_URL \nconfig\t/etc/rancher/k3s/config.yaml.d/x.yaml\ttext\t${Buffer.from('a: 1\n').toString('base64')}
file\tpod\t/var/lib/rancher/k3s/agent/pod-manifests/x.yaml\npassword\t/etc/rancher/node/password\t600 root\n`,
  run: `version\tv1.36.3+k3s1\ndatastore\tetcd\nfile\t${Buffer.from('node-name: maia\n').toString('base64')}\n`,
  'node-marks': JSON.stringify({
    kind: 'Node',
    metadata: { labels: { 'kubernetes.io/os': 'linux', disk: '' }, annotations: {} },
    spec: { taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }], podCIDRs: ['10.42.0.0/24'] },
    status: { nodeInfo: { kubeletVersion: 'v1.36.3+k3s1' }, addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] },
  }),
  keepalived:
    'holds=yes\nfit=yes\nreason=\nloaded=yes\ninterface=eth0\nchange=1764358000 MASTER\nmanager.ActiveState=active\n',
  firewall: 'nft=yes\ntable=loaded\naddress=192.0.2.1\naddress=fe80::1\nUnitFileState=enabled\n',
  digest: `${digest}\n`,
}

/** The output of the probe's script. `over`: sections that replace the honest ones; `undefined` removes a section. */
export function factsAnswer(over: Readonly<Record<string, string | undefined>> = {}): string {
  return Object.entries({ ...honestSections, ...over })
    .flatMap(ofBothRoles)
    .map(([name, text]) => (text === undefined ? '' : `${mark}${name}\n${text}`))
    .join('')
}
