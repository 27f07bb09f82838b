import { ExitCode, KeelError } from '../../errors.ts'

/** What keel cannot do yet with a kubeadm cluster. It says so before it reaches any host. */
export function kubeadmNotYet(): KeelError {
  return new KeelError({
    code: 'kubeadm-not-yet',
    at: 'hosts/cluster',
    found: "this command does not work with distribution: 'kubeadm' yet",
    why: 'keel checks such an inventory, makes its CAs, and shows the documents for kubeadm (`keel render --out DIR`), but deploys none of it',
    todo: 'run kubeadm yourself with these documents, or use `distribution: k3s`',
    exit: ExitCode.Usage,
  })
}
