/** Where the backups of a control plane and what they need are. */
export interface BackupPaths {
  program: string
  /** Settings, recipients, and how each place is reached; root's alone. */
  settings: string
  /** Sets on this machine, its records, and the scratch folder of a run. */
  state: string
  /** Of kubeadm. */
  kubernetes: string
  /** Where programs are looked for. */
  search: string
}

export const backupPaths: BackupPaths = {
  program: '/usr/local/sbin/metaltasks-backup',
  settings: '/etc/metaltasks-backup',
  state: '/var/lib/metaltasks/backup',
  kubernetes: '/etc/kubernetes',
  search: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
}

/** The service that makes one backup, and the timer that starts it. */
export const backupUnit = 'metaltasks-backup'

/** In a folder that backups are copied to: shows that its file system is mounted. */
export const placeMarker = '.metaltasks-backups'
