import { type Fields, read, refused, withoutEffect } from './field.ts'

/** Every source of a volume and every field of a mount in Kubernetes 1.34 (see fields.ts). */
const NETWORK_DISK = 'this Node attaches no disks: mount it on the host, and allow its path in the inventory'
const NO_DRIVERS = 'this Node runs no drivers of volumes'

export const volumeFields: Fields = {
  name: read,
  configMap: read,
  secret: read,
  projected: read,
  downwardAPI: read,
  emptyDir: read,
  hostPath: read,
  persistentVolumeClaim: refused(NETWORK_DISK),
  ephemeral: refused(NETWORK_DISK),
  nfs: refused(NETWORK_DISK),
  iscsi: refused(NETWORK_DISK),
  fc: refused(NETWORK_DISK),
  csi: refused(NO_DRIVERS),
  image: refused('a unit of the host has no images of a registry'),
  awsElasticBlockStore: refused(NETWORK_DISK),
  azureDisk: refused(NETWORK_DISK),
  azureFile: refused(NETWORK_DISK),
  cephfs: refused(NETWORK_DISK),
  cinder: refused(NETWORK_DISK),
  flexVolume: refused(NO_DRIVERS),
  flocker: refused(NETWORK_DISK),
  gcePersistentDisk: refused(NETWORK_DISK),
  gitRepo: refused('clone it in an init container'),
  glusterfs: refused(NETWORK_DISK),
  photonPersistentDisk: refused(NETWORK_DISK),
  portworxVolume: refused(NETWORK_DISK),
  quobyte: refused(NETWORK_DISK),
  rbd: refused(NETWORK_DISK),
  scaleIO: refused(NETWORK_DISK),
  storageos: refused(NETWORK_DISK),
  vsphereVolume: refused(NETWORK_DISK),
}

export const mountFields: Fields = {
  name: read,
  mountPath: read,
  subPath: read,
  readOnly: read,
  subPathExpr: refused('keel replaces no variables in a subPath'),
  mountPropagation: refused('what a unit mounts stays in it', 'None'),
  recursiveReadOnly: withoutEffect('a read-only mount is so with all that is mounted below it'),
}
