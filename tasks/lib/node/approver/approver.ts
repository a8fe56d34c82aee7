import type { ClusterNode } from '../../config/model.ts'
import { servingNamesFile } from '../kubeadm/paths.ts'
import type { Resource } from '../resource.ts'
import { file } from '../system/file.ts'
import { unit } from '../system/unit.ts'
import { approverProgram, approverUnit } from './names.ts'
import { approverText } from './program.ts'
import { servingNames } from './table.ts'

/** What approves the kubelets' serving certificates, on a control plane, for as long as the cluster lives. */
export function approverResources(nodes: readonly Pick<ClusterNode, 'name' | 'address'>[]): Resource[] {
  const timer = { path: `/etc/systemd/system/${approverUnit}.timer`, content: timerText }
  return [
    file({ path: servingNamesFile, content: servingNames(nodes), mode: '0600' }),
    file({ path: approverProgram, content: approverText(), mode: '0755' }),
    file({ path: `/etc/systemd/system/${approverUnit}.service`, content: serviceText }),
    file(timer),
    unit({ name: `${approverUnit}.timer`, enabled: true, active: true, files: [timer] }),
  ]
}

const serviceText = `# Written by metaltasks.
[Unit]
Description=Approve serving certificates of the kubelets of known nodes
ConditionPathExists=/etc/kubernetes/admin.conf
After=network-online.target

[Service]
Type=oneshot
ExecStart=${approverProgram}
TimeoutStartSec=120
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=strict
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
`

const timerText = `# Written by metaltasks.
[Unit]
Description=Look for serving certificates of kubelets to approve

[Timer]
OnActiveSec=30s
OnUnitInactiveSec=60s
AccuracySec=5s

[Install]
WantedBy=timers.target
`
