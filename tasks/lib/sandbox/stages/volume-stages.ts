import { isLasting, type Stage, stage, statusStep } from './stage.ts'

/** Marks a PersistentVolume that no provisioner made. */
const simulatedVolumeLabel = 'metaltasks/simulated'

const provisioner = '.metadata.annotations["volume.kubernetes.io/storage-provisioner"]'

/**
 * A claim that the controller-manager hands to an external provisioner gets its PersistentVolume at once, also
 * where the StorageClass waits for the first pod: the hand-over comes after the scheduler's choice of a node.
 * Volumes are simulated as reclaimed by Delete. Local PersistentVolumes need nothing: real controllers bind them.
 */
export function volumeStages(): Stage[] {
  return [
    stage('claim-provision', {
      kind: 'PersistentVolumeClaim',
      matches: [
        isLasting,
        { key: provisioner, operator: 'Exists' },
        { key: '.spec.volumeName', operator: 'DoesNotExist' },
      ],
      steps: [{ apply: { template: volume } }],
    }),
    stage('volume-delete', {
      kind: 'PersistentVolume',
      matches: [
        isLasting,
        { key: `.metadata.labels["${simulatedVolumeLabel}"]`, operator: 'In', values: ['true'] },
        { key: '.status.phase', operator: 'In', values: ['Released'] },
      ],
      steps: [{ delete: true }],
    }),
  ]
}

const volume = `
apiVersion: v1
kind: PersistentVolume
metadata:
  name: pvc-{{ .metadata.uid }}
  labels: { ${simulatedVolumeLabel}: "true" }
  annotations:
    pv.kubernetes.io/provisioned-by: {{ index .metadata.annotations "volume.kubernetes.io/storage-provisioner" | Quote }}
spec:
  accessModes: {{ .spec.accessModes | toJson }}
  capacity: { storage: {{ .spec.resources.requests.storage | Quote }} }
  persistentVolumeReclaimPolicy: Delete
  storageClassName: {{ or .spec.storageClassName "" | Quote }}
  volumeMode: {{ or .spec.volumeMode "Filesystem" | Quote }}
  claimRef:
    apiVersion: v1
    kind: PersistentVolumeClaim
    name: {{ .metadata.name | Quote }}
    namespace: {{ .metadata.namespace | Quote }}
    uid: {{ .metadata.uid | Quote }}
  hostPath: { path: /var/lib/simulated/pvc-{{ .metadata.uid }} }
  {{ with index .metadata.annotations "volume.kubernetes.io/selected-node" }}
  nodeAffinity:
    required:
      nodeSelectorTerms:
      - matchExpressions: [{ key: kubernetes.io/hostname, operator: In, values: [{{ . | Quote }}] }]
  {{ end }}
`

/**
 * A Service of type LoadBalancer gets the address that it asks for, else its own cluster address: both are
 * unique. Ranges are given out by a load balancer, and none runs here.
 */
export function loadBalancerStage(): Stage {
  return stage('load-balancer-address', {
    kind: 'Service',
    matches: [
      isLasting,
      { key: '.spec.type', operator: 'In', values: ['LoadBalancer'] },
      { key: '.status.loadBalancer.ingress', operator: 'DoesNotExist' },
    ],
    steps: [statusStep(loadBalancer)],
  })
}

const loadBalancer = `
{{ $annotations := or .metadata.annotations dict }}
{{ $asked := or (index $annotations "metallb.io/loadBalancerIPs") (index $annotations "kube-vip.io/loadbalancerIPs") .spec.loadBalancerIP .spec.clusterIP }}
loadBalancer: { ingress: [{ ip: {{ (splitList "," $asked) | first | trim | Quote }}, ipMode: VIP }] }
`
