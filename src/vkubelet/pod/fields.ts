import { type Fields, read, refused, withoutEffect } from './field.ts'

/**
 * Every field of a Pod in Kubernetes 1.34 (staging/src/k8s.io/api/core/v1/types.go). docs/virtual-kubelet-fields.md is
 * made of them.
 */
const NOT_YET = 'not supported yet'
const NO_CONTAINERS = 'a unit of the host has no image and no runtime of containers'
const SCHEDULER = 'the scheduler has decided by it'
const ADMISSION = 'the API server has decided by it'
const NETWORK = 'a Pod has the network, the name and the resolver of the host'

export const podFields: Fields = {
  containers: read,
  initContainers: read,
  restartPolicy: read,
  terminationGracePeriodSeconds: read,
  securityContext: read,
  serviceAccountName: read,
  nodeName: read,
  activeDeadlineSeconds: read,
  volumes: read,
  ephemeralContainers: refused(NO_CONTAINERS),
  hostNetwork: withoutEffect(NETWORK),
  hostPID: withoutEffect('a unit sees the processes of the host anyway'),
  hostIPC: withoutEffect('a unit has the IPC of the host anyway'),
  shareProcessNamespace: withoutEffect('a unit sees the processes of the host anyway'),
  hostUsers: refused('a unit has the users of the host', true),
  hostname: withoutEffect(NETWORK),
  subdomain: withoutEffect(NETWORK),
  setHostnameAsFQDN: refused(NETWORK, false),
  hostnameOverride: refused(NETWORK),
  hostAliases: refused(NETWORK),
  dnsPolicy: refused(NETWORK, 'ClusterFirst', 'ClusterFirstWithHostNet', 'Default'),
  dnsConfig: refused(NETWORK),
  enableServiceLinks: withoutEffect('Services are found by DNS: their variables are not set'),
  automountServiceAccountToken: withoutEffect(`${ADMISSION}: the token is a volume`),
  serviceAccount: withoutEffect('the old name of serviceAccountName'),
  imagePullSecrets: withoutEffect('packages come from the repositories of the inventory, with their own credentials'),
  runtimeClassName: refused(NO_CONTAINERS),
  overhead: refused(NO_CONTAINERS),
  os: read,
  readinessGates: refused(NOT_YET),
  resources: refused(NOT_YET),
  resourceClaims: refused('a unit gets no devices'),
  nodeSelector: withoutEffect(SCHEDULER),
  affinity: withoutEffect(SCHEDULER),
  tolerations: withoutEffect('the scheduler and the controllers decide by them'),
  topologySpreadConstraints: withoutEffect(SCHEDULER),
  schedulerName: withoutEffect(SCHEDULER),
  schedulingGates: withoutEffect(SCHEDULER),
  priorityClassName: withoutEffect(SCHEDULER),
  priority: withoutEffect(SCHEDULER),
  preemptionPolicy: withoutEffect(SCHEDULER),
}

export const containerFields: Fields = {
  name: read,
  image: read,
  command: read,
  args: read,
  workingDir: read,
  env: read,
  envFrom: read,
  resources: read,
  securityContext: read,
  imagePullPolicy: read,
  ports: read,
  resizePolicy: withoutEffect('this Node does not resize containers'),
  restartPolicy: refused('not supported yet: write a sidecar as one of `containers`'),
  restartPolicyRules: refused(NOT_YET),
  volumeMounts: read,
  volumeDevices: refused('a unit gets no devices'),
  livenessProbe: read,
  readinessProbe: read,
  startupProbe: read,
  lifecycle: read,
  terminationMessagePath: withoutEffect('the message of an end is in the journal'),
  terminationMessagePolicy: withoutEffect('the message of an end is in the journal'),
  stdin: refused('a unit has no standard input', false),
  stdinOnce: refused('a unit has no standard input', false),
  tty: refused('a unit has no terminal', false),
}

export const portFields: Fields = {
  name: read,
  containerPort: withoutEffect(
    'a program listens on the ports of the host that it opens itself; probes find theirs by name',
  ),
  hostPort: read,
  protocol: read,
  hostIP: refused('the program itself decides on which addresses of the host it listens', '0.0.0.0', '::'),
}

export const podSecurityFields: Fields = {
  runAsUser: read,
  runAsGroup: read,
  runAsNonRoot: read,
  seccompProfile: read,
  fsGroup: read,
  fsGroupChangePolicy: withoutEffect('keel makes the files, each with its group'),
  supplementalGroups: refused('systemd gives a unit no group that the host does not have'),
  supplementalGroupsPolicy: withoutEffect('supplementalGroups are refused'),
  seLinuxOptions: refused('keel sets no SELinux labels'),
  seLinuxChangePolicy: refused('keel sets no SELinux labels'),
  appArmorProfile: refused('keel loads no AppArmor profiles'),
  sysctls: refused('the sysctls are those of the host'),
  windowsOptions: refused('the host runs Linux'),
}

export const containerSecurityFields: Fields = {
  runAsUser: read,
  runAsGroup: read,
  runAsNonRoot: read,
  seccompProfile: read,
  capabilities: read,
  allowPrivilegeEscalation: read,
  readOnlyRootFilesystem: read,
  privileged: refused('a privileged Pod is root on the host without any limit', false),
  procMount: refused('a unit sees /proc as it is', 'Default'),
  seLinuxOptions: refused('keel sets no SELinux labels'),
  appArmorProfile: refused('keel loads no AppArmor profiles'),
  windowsOptions: refused('the host runs Linux'),
}

export const probeFields: Fields = {
  exec: read,
  httpGet: read,
  tcpSocket: read,
  grpc: read,
  initialDelaySeconds: read,
  periodSeconds: read,
  timeoutSeconds: read,
  successThreshold: read,
  failureThreshold: read,
  terminationGracePeriodSeconds: read,
}

/** Also the old field for TCP, which Kubernetes keeps and never runs. */
export const hookFields: Fields = { exec: read, httpGet: read, sleep: read, tcpSocket: read }
