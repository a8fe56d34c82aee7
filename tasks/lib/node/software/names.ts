/** What was installed of each program, with the SHA-256 of its files: sha256sum -c reads it. */
export const recordFolder = '/etc/kubernetes/metaltasks/software'
/** Size and times of those files when they were installed; as long as they are the same, nothing is summed up again. */
export const seenFolder = '/var/cache/metaltasks/software'
/** What was sent, until it is installed. */
export const stageFolder = '/var/lib/metaltasks/software'
/** A machine that has it belongs to a cluster. */
export const membership = '/etc/kubernetes/kubelet.conf'
