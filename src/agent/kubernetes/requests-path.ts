/** Where the API has certificate requests (kubernetes.io/docs/reference/kubernetes-api, CertificateSigningRequest). */
export const REQUESTS = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
