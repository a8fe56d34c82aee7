/** Where a restore keeps its record, and manifests that are put aside. */
export const restoreFolder = '/etc/kubernetes/metaltasks/restore'

/** Where the snapshot lies while it is restored. */
export const scratchFolder = '/var/lib/metaltasks/restore'
