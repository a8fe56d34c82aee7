import {
  issue,
  type KeyPair,
  newAuthority,
  newKeys,
  pemKeys,
  type Subject,
  validFor,
} from '../../kubernetes/certificates/signing.ts'

/** What a sandbox needs to trust and to be trusted. The same authority signs for the API server and for etcd. */
export interface Certificates {
  authority: KeyPair
  apiServer: KeyPair
  etcd: KeyPair
  admin: KeyPair
  controllerManager: KeyPair
  scheduler: KeyPair
  kwok: KeyPair
  /** Signs service account tokens: public and private key, PEM. */
  serviceAccount: { publicKey: string; privateKey: string }
}

/** A new authority and everything that it signs, valid for ten years: a sandbox lives as long as its folder. */
export async function createCertificates(serviceAddress: string): Promise<Certificates> {
  const validity = validFor(10, new Date())
  const authority = await newAuthority('sandbox-ca', validity)
  const pairOf = (subject: Subject) => issue(authority, { ...subject, ...validity })
  const names = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc']
  const [apiServer, etcd, admin, controllerManager, scheduler, kwok] = await Promise.all([
    pairOf({ commonName: 'kube-apiserver', names, addresses: ['127.0.0.1', serviceAddress] }),
    pairOf({ commonName: 'etcd', names: ['localhost'], addresses: ['127.0.0.1'] }),
    pairOf({ commonName: 'kubernetes-admin', organization: 'system:masters' }),
    pairOf({ commonName: 'system:kube-controller-manager' }),
    pairOf({ commonName: 'system:kube-scheduler' }),
    pairOf({ commonName: 'kwok', organization: 'system:masters' }),
  ])
  const serviceAccount = await pemKeys(await newKeys())
  return {
    authority: authority.pair,
    ...{ apiServer, etcd, admin, controllerManager, scheduler, kwok },
    serviceAccount,
  }
}
