import { KeelError } from '../../../errors.ts'

/** @param file of the certificate of a CA, relative to the inventory */
export function noCertificate(file: string): KeelError {
  return new KeelError({
    code: 'ca-certificate-missing',
    at: file,
    found: 'no certificate of this CA of the cluster',
    why: 'control planes get it before kubeadm runs, and every join is pinned to the CA of the cluster',
    todo: 'for a new inventory run `keel rekey` to create its CAs; for a running cluster restore the file from git',
  })
}
