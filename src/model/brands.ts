/**
 * Strings that must not be mixed up. A brand is given in one place, by the parser that checked the value, and trusted
 * afterwards.
 */
declare const brand: unique symbol
type Brand<Name extends string> = string & { readonly [brand]: Name }

/** A host's name in the inventory: an RFC 1123 label or subdomain, and its Node's name in Kubernetes. */
export type HostName = Brand<'HostName'>
/** A secret's name: its file is secrets/<name>.age. */
export type SecretName = Brand<'SecretName'>
/** 64 lower-case hex digits. */
export type Sha256 = Brand<'Sha256'>
/** One line `ssh-ed25519 AAAA…` or `ssh-rsa AAAA…`, without a comment, whose blob parses and matches its type. */
export type SshPublicKey = Brand<'SshPublicKey'>
/** What a file is encrypted to: an SSH public key or an `age1…` recipient. */
export type Recipient = Brand<'Recipient'> | SshPublicKey
/** `v1.34.4+k3s1`: a Kubernetes version with k3s's build. */
export type K3sVersion = Brand<'K3sVersion'>
