/**
 * Strings that must not be mixed up. The parser that checks a value gives it its brand, in one place. Other code trusts
 * the brand.
 */
declare const brand: unique symbol
type Brand<Name extends string> = string & { readonly [brand]: Name }

/**
 * The name of a host in the inventory, which is also the name of its Node in Kubernetes: an RFC 1123 label or
 * subdomain.
 */
export type HostName = Brand<'HostName'>
/** The name of a secret. Its file is secrets/<name>.age. */
export type SecretName = Brand<'SecretName'>
/** 64 lower-case hex digits. */
export type Sha256 = Brand<'Sha256'>
/**
 * One line `ssh-ed25519 AAAA…` or `ssh-rsa AAAA…`, without a comment. Its blob is valid and has the type that the line
 * names.
 */
export type SshPublicKey = Brand<'SshPublicKey'>
/** The key to which a file is encrypted: an SSH public key or an `age1…` recipient. */
export type Recipient = Brand<'Recipient'> | SshPublicKey
/** `v1.36.3+k3s1`: a version of Kubernetes with the build of k3s. */
export type K3sVersion = Brand<'K3sVersion'>
/** `v1.36.3`: a release of Kubernetes itself. */
export type KubernetesVersion = Brand<'KubernetesVersion'>
