import { execa } from 'execa'

/**
 * The certificates that an API server and its checker need, in a folder: server.{crt,key} for these addresses, and in
 * `tls` the ones that k3s has. The folder also contains a CA that nobody trusts.
 */
export async function makeCertificates(
  folder: string,
  addresses: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
  const ca = (name: string) => `openssl req -x509 ${key} -days 9 -subj /CN=${name} -keyout ${name}.key -out ${name}.crt`
  const names = addresses.map((address) => `IP:${address}`).join(',')
  const script = `${ca('server-ca')}; ${ca('client-ca')}; ${ca('other-ca')}
openssl req ${key} -subj /CN=k3s -keyout server.key -out server.csr
openssl x509 -req -in server.csr -CA server-ca.crt -CAkey server-ca.key -days 9 -extfile <(echo subjectAltName=${names}) -out server.crt
mkdir tls; cp server-ca.crt client-ca.crt client-ca.key tls`
  await execa('bash', ['-euc', script], { cwd: folder, env })
}
