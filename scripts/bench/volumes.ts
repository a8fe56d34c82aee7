/** One PersistentVolume as people write it, with $NAMES where one differs from the next. */
export const volumeTemplate = `apiVersion: v1
kind: PersistentVolume
metadata:
  name: $VOLUME_NAME
  labels:
    volume.group: "$VOLUME_GROUP"
    volume.id: "$VOLUME_ID"
    volume.node: "$VOLUME_NODE"
spec:
  capacity: { storage: $VOLUME_SIZE }
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  storageClassName: bench
  volumeMode: Filesystem
  local: { path: "/mnt/bench/$VOLUME_NAME" }
  nodeAffinity:
    required:
      nodeSelectorTerms:
        - matchExpressions:
            - { key: kubernetes.io/hostname, operator: In, values: ["$VOLUME_NODE"] }
`

/** The values of volume number `index` of a group. */
export function volumeValues(group: string, index: number): Record<string, string> {
  return {
    VOLUME_NAME: `${group}-${String(index).padStart(5, '0')}`,
    VOLUME_GROUP: group,
    VOLUME_ID: index.toString(16).padStart(8, '0'),
    VOLUME_NODE: `kube${(index % 3) + 1}`,
    VOLUME_SIZE: '500Mi',
  }
}

/** The finished YAML of one volume. */
function volumeText(group: string, index: number): string {
  const values = volumeValues(group, index)
  return volumeTemplate.replaceAll(/\$(\w+)/g, (_, name: string) => values[name]!)
}

/** A file of many volumes, one document each. */
export function volumesFile(group: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `---\n${volumeText(group, index)}`).join('')
}
