import { accountGroup } from '../names.ts'

/** Read by sshd with the rest of sshd_config.d. */
export const dropInFile = '/etc/ssh/sshd_config.d/10-volume-keys.conf'
/** The public key of each account, outside its chroot and not writable by it. */
export const authorizedKeysFolder = '/etc/ssh/volume-keys'

/** What the accounts of the nodes may do: read files below their home, and nothing else. */
export function dropInText(): string {
  return `# Each node reads its own keys, below the home of its account, and can do nothing else.
Match Group ${accountGroup}
	AuthorizedKeysFile ${authorizedKeysFolder}/%u
	AuthenticationMethods publickey
	ChrootDirectory %h
	ForceCommand internal-sftp -R -d /
	DisableForwarding yes
	PermitTTY no
	PermitTunnel no
	PermitUserRC no
	MaxSessions 1
`
}
