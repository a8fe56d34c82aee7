import type { MapField, ScalarField } from './field.ts'
import { backup, endpoint, kubeadm, kubelet, oidc, podSecurity, software } from './kubeadm-fields.ts'

/** The add-ons that can be switched, by the names of their manifests. */
export const addonNames = ['flannel', 'metrics-server', 'local-path', 'ingress-nginx', 'headlamp'] as const

/** The pools of equal volumes and the variables of each. */
export const poolNames = ['small', 'medium', 'large'] as const

const volume: MapField = {
  type: 'map',
  summary: 'an encrypted volume: LUKS on a logical volume',
  fields: {
    name: { type: 'text', format: 'lvmName', required: true, summary: 'name of the logical volume' },
    vg: { type: 'text', format: 'lvmName', required: true, summary: 'LVM volume group' },
    size: { type: 'text', format: 'size', required: true, summary: 'size, at least 16Mi' },
    path: { type: 'text', format: 'path', required: true, summary: 'where it is mounted' },
    filesystem: { type: 'text', choices: ['ext4', 'xfs'], summary: 'file system, ext4 where not given' },
    inodes: { type: 'integer', minimum: 1, summary: 'number of inodes' },
    owner: { type: 'text', format: 'owner', summary: 'user:group of its top folder' },
    discard: {
      type: 'boolean',
      summary: 'pass discards to the disk; they show which blocks are in use, so not unless it says true',
    },
  },
}

const port: ScalarField = {
  type: 'integer',
  minimum: 1,
  maximum: 65535,
  summary: 'SSH port, 22 where not given',
}
const user: ScalarField = { type: 'text', format: 'account', summary: 'user to log in as' }

const taint: MapField = {
  type: 'map',
  summary: 'keeps pods away that do not tolerate it',
  fields: {
    key: { type: 'text', format: 'labelKey', required: true, summary: 'key of the taint' },
    value: { type: 'text', format: 'labelValue', summary: 'value of the taint' },
    effect: {
      type: 'text',
      choices: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'],
      required: true,
      summary: 'what happens to such pods',
    },
  },
}

const node: MapField = {
  type: 'map',
  summary: 'one machine; its name alone is enough',
  shorthand: 'name',
  fields: {
    name: { type: 'text', format: 'nodeName', required: true, summary: 'host name' },
    address: { type: 'text', format: 'ip', summary: 'IP address' },
    user,
    port,
    roles: {
      type: 'list',
      summary:
        'control-plane, worker, etcd; where no node has roles, the first three (or the first) are control planes',
      items: { type: 'text', choices: ['control-plane', 'worker', 'etcd'], summary: 'a role' },
    },
    labels: {
      type: 'dictionary',
      keys: 'labelKey',
      summary: 'labels of the node',
      values: { type: 'text', format: 'labelValue', summary: 'value of the label' },
    },
    taints: { type: 'list', summary: 'taints of the node', items: taint },
    volumes: { type: 'list', summary: 'encrypted volumes of the node', items: volume },
  },
}

const addon: MapField = {
  type: 'map',
  summary: 'true, false, or a map with settings',
  shorthand: 'enabled',
  fields: {
    enabled: { type: 'boolean', summary: 'whether it is installed' },
    settings: { type: 'free', summary: 'settings of the add-on' },
  },
}

const ssh: MapField = {
  type: 'map',
  summary: 'how the nodes are reached',
  fields: {
    user: { ...user, variable: 'SSH_USER' },
    port,
    identity: {
      type: 'text',
      variable: 'SSH_IDENTITY',
      summary: 'private key file; "~/" is your home folder; where not given, what ssh takes by itself',
    },
    bastion: { type: 'text', format: 'sshHost', summary: 'host to go through: user@host:port' },
    parallel: { type: 'integer', minimum: 1, maximum: 200, summary: 'hosts worked on side by side' },
  },
}

const keyServer: MapField = {
  type: 'map',
  summary: 'where the keys of encrypted volumes are, at PATH/keys/NODE/VOLUME',
  shorthand: 'host',
  fields: {
    host: { type: 'text', format: 'hostname', required: true, summary: 'name or address of the key server' },
    address: { type: 'text', format: 'ip', summary: 'IP address' },
    user,
    port,
    path: { type: 'text', format: 'path', summary: 'folder on it, /masterlock where not given' },
  },
}

const tang: MapField = {
  type: 'map',
  summary: 'a Tang server that opens volumes by its presence',
  fields: {
    url: { type: 'text', format: 'url', required: true, summary: 'address of the Tang server' },
    thumbprint: { type: 'text', format: 'text', required: true, summary: 'thumbprint of its signing key' },
  },
}

const system: MapField = {
  type: 'map',
  summary: 'what node:prepare makes of each machine, beside what the cluster needs',
  fields: {
    packages: {
      type: 'list',
      summary: 'further packages',
      items: { type: 'text', format: 'packageName', summary: 'a package' },
    },
    modules: {
      type: 'list',
      summary: 'further kernel modules',
      items: { type: 'text', format: 'moduleName', summary: 'a kernel module' },
    },
    sysctl: {
      type: 'dictionary',
      keys: 'sysctlKey',
      summary: 'kernel settings',
      values: { type: 'text', format: 'text', summary: 'value of the setting' },
    },
  },
}

const sync: MapField = {
  type: 'map',
  summary: 'a folder that is kept the same on several nodes',
  fields: {
    name: { type: 'text', format: 'name', required: true, summary: 'name of its unit' },
    path: { type: 'text', format: 'path', required: true, summary: 'the folder, the same on each node' },
    nodes: {
      type: 'list',
      required: true,
      summary: 'the nodes; the first one runs it',
      items: { type: 'text', format: 'nodeName', summary: 'a node' },
    },
    schedule: {
      type: 'text',
      format: 'text',
      summary: 'systemd calendar expression, every 5 minutes where not given',
    },
  },
}

/** cluster.yaml, field by field: what the reader checks and the JSON schema tells editors. */
export const clusterFields: MapField = {
  type: 'map',
  summary: 'cluster.yaml of metaltasks',
  fields: {
    name: { type: 'text', format: 'name', variable: 'CLUSTER_NAME', summary: 'name of the cluster' },
    kubernetes: {
      type: 'map',
      summary: 'Kubernetes itself',
      fields: {
        version: {
          type: 'text',
          format: 'kubernetesVersion',
          variable: 'K8S_VERSION',
          summary: 'version to run',
        },
        distribution: {
          type: 'text',
          choices: ['kubeadm', 'none'],
          summary: 'who makes the cluster: kubeadm where not given; none: somebody else, reached by target',
        },
      },
    },
    target: {
      type: 'map',
      summary: 'how the cluster is reached',
      fields: {
        kubeconfig: {
          type: 'text',
          variable: 'K8S_KUBECONFIG',
          summary: 'kubeconfig file; "~/" is your home folder',
        },
        context: { type: 'text', variable: 'K8S_CONTEXT', summary: 'context in that file' },
      },
    },
    endpoint,
    kubeadm,
    kubelet,
    software,
    podSecurity,
    oidc,
    backup,
    network: {
      type: 'map',
      summary: 'addresses inside the cluster',
      fields: {
        provider: {
          type: 'text',
          choices: ['flannel', 'none'],
          variable: 'CLUSTER_NETWORK',
          summary: 'pod network; none: bring your own',
        },
        podSubnet: { type: 'text', format: 'cidr', variable: 'POD_SUBNET', summary: 'addresses of pods' },
        serviceSubnet: {
          type: 'text',
          format: 'cidr',
          variable: 'SERVICE_SUBNET',
          summary: 'addresses of Services',
        },
        dnsDomain: {
          type: 'text',
          format: 'hostname',
          variable: 'DNS_DOMAIN',
          summary: 'domain of Services',
        },
      },
    },
    loadBalancer: {
      type: 'map',
      summary: 'addresses for Services of type LoadBalancer',
      fields: {
        ranges: {
          type: 'list',
          variable: 'LOAD_BALANCER_RANGES',
          summary: 'first-last or subnets',
          items: { type: 'text', format: 'addressRange', summary: 'a range' },
        },
      },
    },
    nodes: { type: 'list', variable: 'K8S_NODES', summary: 'the machines', items: node },
    ssh,
    system,
    keyServer,
    tang,
    unlock: {
      type: 'text',
      choices: ['key-server', 'tang', 'tpm2', 'manual'],
      summary: 'how volumes open at boot; key-server where there is one, else tang, else manual',
    },
    sync: { type: 'list', summary: 'folders that nodes keep the same', items: sync },
    addons: {
      type: 'map',
      summary: 'add-ons; each is on unless it says false',
      fields: Object.fromEntries(addonNames.map((name) => [name, addon])),
    },
    volumes: {
      type: 'map',
      summary: 'PersistentVolumes that each worker offers',
      fields: {
        path: {
          type: 'text',
          format: 'path',
          variable: 'K8S_VOLUMES_PATH',
          summary: 'their folder on each node',
        },
        rootDisk: {
          type: 'boolean',
          summary: 'true: they may lie on the disk of the system, where no encrypted volume is',
        },
        pools: {
          type: 'map',
          summary: 'pools of equal volumes',
          fields: Object.fromEntries(poolNames.map((name) => [name, poolField(name)])),
        },
        named: {
          type: 'list',
          variable: 'NAMED_VOLUMES',
          summary: 'volumes with a name of their own',
          items: {
            type: 'map',
            shorthand: 'name',
            summary: 'its name, or a map with name and size',
            fields: {
              name: { type: 'text', format: 'name', required: true, summary: 'name and folder' },
              size: {
                type: 'text',
                format: 'size',
                summary: 'size; that of a medium volume where not given',
              },
            },
          },
        },
      },
    },
  },
}

function poolField(name: string): MapField {
  const upper = name.toUpperCase()
  return {
    type: 'map',
    summary: `${name} volumes`,
    fields: {
      count: {
        type: 'integer',
        minimum: 0,
        maximum: 9999,
        variable: `POOL_NUM_${upper}`,
        summary: `${name} volumes per node`,
      },
      size: {
        type: 'text',
        format: 'size',
        variable: `POOL_SIZE_${upper}`,
        summary: `size of a ${name} volume`,
      },
    },
  }
}
