import type { Check, ChecksSubject } from './checks-page.ts'

/** What nodes and volumes promise, by number; tests of a promise begin with its number. */
const nodeChecks: readonly Check[] = [
  check('A01', 'A host key other than the recorded one: nothing is sent, both fingerprints are named'),
  check(
    'A02',
    'Of 20 hosts one cannot be reached: 19 are asked, it is named, the run fails, and its quorum group stays as it is',
  ),
  check('A03', 'A second run sends no command that changes anything'),
  check(
    'A04',
    'A plan lists every command and changes no byte of a disk or of /etc, not even a damaged LUKS header',
  ),
  check('A05', 'Killed after any step, the next run ends where one without interruption does'),
  check(
    'A06',
    'A logical volume of the wanted name that is not ours is refused, with the command that adopts it',
  ),
  check('A07', 'A new logical volume over an old LUKS signature stops, and nothing is wiped'),
  check('A08', 'A size below that of the logical volume is an error; nothing ever shrinks one'),
  check('B01', 'A device with ext4, xfs, LVM, GPT, swap, RAID or foreign LUKS on it is not formatted'),
  check('B02', 'A device that is missing or cannot be read is not formatted'),
  check('B03', 'A LUKS volume under an ext4 superblock is refused, and mending its header is suggested'),
  check('B04', 'A volume that was formatted once and shows no signature any more is not formatted'),
  check(
    'B05',
    'A key that is missing, empty, short, a folder or too large fails before cryptsetup is called',
  ),
  check('B06', 'A format that was killed goes on where the record knows it, and is refused where not'),
  check('B07', 'A file system is made once: after a kill before it, and never over another'),
  check('B08', 'Rotation killed after any of its steps leaves a key on the server that opens the volume'),
  check('B09', 'The last keyslot is never removed, whatever the key'),
  check('B10', 'After a rotation only the new key opens the volume, and only a new header backup is left'),
  check('B11', 'The header backup of another volume is not restored'),
  check('B12', 'Growing works online with data mounted, ext4 and xfs, and a kill in between is mended'),
  check(
    'B13',
    'Key server down at boot: ssh runs, containerd and kubelet do not, nothing is written; all heals itself',
  ),
  check(
    'B14',
    'One of two volumes stays closed: the runtime stays down, the unit names it, and no key is left',
  ),
  check('B15', 'A key server with another host key is asked for nothing; no node reads the keys of another'),
  check('B16', 'No key, token or password in logs, arguments, shell history or the journal'),
  check('B17', 'Opening a volume takes less than 64 MB on a node with 1 GiB'),
  check('C01', 'No directories of PersistentVolumes while their volume is not mounted'),
  check('C02', 'The same configuration gives the same PersistentVolumes: stable ids, node affinity, Retain'),
  check('C03', 'A bound PersistentVolume that the configuration drops stays, and is shown as an orphan'),
]

/** docs/checks-nodes.md */
export const nodeSubject: ChecksSubject = {
  title: 'Checks of nodes and volumes',
  checks: nodeChecks,
  notes: [
    'Tests below test/lab run on machines of their own, with systemd, LVM and LUKS; the others on any Linux.',
    'Not run: volumes that a TPM opens (`unlock: tpm2`). The kernel of the machines here has no TPM, and clevis takes none but\n' +
      '/dev/tpmrm0; what is sealed and how is tested (test/node/unlock.test.ts), and all else is the same code as with Tang.',
  ],
}

function check(number: string, promise: string): Check {
  return { number, promise }
}
