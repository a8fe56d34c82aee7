import type { Field, MapField } from './field.ts'

const levels = ['privileged', 'baseline', 'restricted'] as const

/** How the control planes answer under one address. */
export const endpoint: MapField = {
  type: 'map',
  summary: 'the address under which all control planes answer',
  shorthand: 'address',
  fields: {
    address: {
      type: 'text',
      format: 'endpoint',
      variable: 'K8S_ENDPOINT',
      summary: 'host:port; with kube-vip and keepalived an address that no machine has',
    },
    provider: {
      type: 'text',
      choices: ['external', 'kube-vip', 'keepalived'],
      summary: 'who holds the address: external (DNS, a balancer of your own) where not given',
    },
    interface: {
      type: 'text',
      format: 'interfaceName',
      summary: 'network interface of the address; that of the default route where not given',
    },
    routerId: {
      type: 'integer',
      minimum: 1,
      maximum: 255,
      summary: 'VRRP router id of keepalived, unique in its network; 51 where not given',
    },
  },
}

/** What kubeadm is told beside what follows from nodes and network. */
export const kubeadm: MapField = {
  type: 'map',
  summary: 'settings of kubeadm',
  fields: {
    certSANs: {
      type: 'list',
      summary: "further names and addresses in the API server's certificate",
      items: { type: 'text', format: 'text', summary: 'a name or an address' },
    },
    ignorePreflightErrors: {
      type: 'list',
      summary: 'checks of kubeadm that may fail, by their names; never all',
      items: { type: 'text', format: 'preflightCheck', summary: 'NumCPU, Mem, SystemVerification …' },
    },
    timeouts: {
      type: 'dictionary',
      keys: 'timeoutName',
      summary: 'how long kubeadm waits: controlPlaneComponentHealthCheck, kubernetesAPICall …',
      values: { type: 'text', format: 'duration', summary: '4m0s' },
    },
    clusterConfiguration: { type: 'free', summary: 'fields of ClusterConfiguration, put over ours' },
    kubeProxyConfiguration: { type: 'free', summary: 'fields of KubeProxyConfiguration, put over ours' },
  },
}

/** Where the programs of a node come from. */
export const software: MapField = {
  type: 'map',
  summary: 'where the programs and container images of nodes come from',
  fields: {
    source: {
      type: 'text',
      choices: ['download', 'packages', 'none'],
      summary:
        'download (verified, pushed to the nodes) where not given; packages of apt; none: they are there',
    },
    folder: {
      type: 'text',
      format: 'text',
      summary: 'folder that holds the downloads, as HOST/PATH below it',
    },
    mirror: { type: 'text', format: 'url', summary: 'web server that holds them, as HOST/PATH below it' },
    digests: {
      type: 'text',
      format: 'text',
      summary: 'file of sha256sum, over the digests that are known here',
    },
    images: { type: 'text', format: 'text', summary: 'folder of image archives that every node gets' },
    versions: {
      type: 'dictionary',
      keys: 'name',
      summary: 'versions of single programs: containerd, runc, cni-plugins, crictl, etcd, age, pause',
      values: { type: 'text', format: 'version', summary: 'a version without "v"' },
    },
  },
}

/** Which pods a namespace without labels takes. */
export const podSecurity: MapField = {
  type: 'map',
  summary: 'Pod Security of namespaces without labels of their own',
  fields: {
    enforce: level('refused is what breaks this level, baseline where not given'),
    audit: level('logged is what breaks this level, restricted where not given'),
    warn: level('warned of is what breaks this level, restricted where not given'),
    exempt: {
      type: 'list',
      summary: 'namespaces without any check, kube-system where not given',
      items: { type: 'text', format: 'name', summary: 'a namespace' },
    },
  },
}

/** Who else than certificates says who somebody is. */
export const oidc: MapField = {
  type: 'map',
  summary: 'log in with an OpenID Connect issuer',
  fields: {
    issuer: { type: 'text', format: 'url', required: true, summary: 'URL of the issuer' },
    clientId: { type: 'text', format: 'text', required: true, summary: 'the audience of its tokens' },
    usernameClaim: { type: 'text', format: 'text', summary: 'claim with the name, sub where not given' },
    usernamePrefix: { type: 'text', format: 'text', summary: 'put before names, oidc: where not given' },
    groupsClaim: { type: 'text', format: 'text', summary: 'claim with the groups' },
    groupsPrefix: { type: 'text', format: 'text', summary: 'put before groups, oidc: where not given' },
    ca: { type: 'text', format: 'text', summary: 'file with the certificate authority of the issuer' },
  },
}

/** Backups of etcd, keys and certificates. */
export const backup: MapField = {
  type: 'map',
  summary: 'backups of etcd with certificates and encryption keys',
  fields: {
    schedule: {
      type: 'text',
      format: 'text',
      summary: 'systemd calendar expression, daily at 3 where not given',
    },
    keep: { type: 'integer', minimum: 1, maximum: 9999, summary: 'how many are kept, 14 where not given' },
    recipients: {
      type: 'list',
      summary: 'age recipients that can open them; those of .sops.yaml where not given',
      items: { type: 'text', format: 'text', summary: 'an age recipient' },
    },
    to: {
      type: 'list',
      summary: 'where they are copied to',
      items: {
        type: 'map',
        summary: 'a folder, a host over SSH, or a bucket',
        fields: {
          folder: { type: 'text', format: 'path', summary: 'folder on the control planes, as of a mount' },
          ssh: { type: 'text', format: 'text', summary: 'user@host:path' },
          s3: { type: 'text', format: 'url', summary: 'endpoint and bucket: https://s3.example.com/bucket' },
          region: {
            type: 'text',
            format: 'text',
            summary: 'region of the bucket, us-east-1 where not given',
          },
          secret: {
            type: 'text',
            format: 'text',
            summary: 'secret file with accessKey and secretKey, or with the private SSH key in key',
          },
        },
      },
    },
  },
}

/** Fields of KubeletConfiguration, put over ours: evictionHard with imagefs.available … */
export const kubelet: Field = {
  type: 'free',
  summary: 'fields of KubeletConfiguration, put over ours: evictionHard with imagefs.available …',
}

function level(summary: string): Field {
  return { type: 'text', choices: levels, summary }
}
