import type { Resource } from '../resource.ts'
import { file } from '../system/file.ts'
import { unit } from '../system/unit.ts'

const units = '/etc/systemd/system'

/** The kubelet's units; kubeadm starts it when the machine joins. */
export function kubelet({ from }: { from: 'download' | 'packages' }): Resource[] {
  const files = from === 'download' ? ownUnits : [waiting]
  return [...files.map(file), unit({ name: 'kubelet.service', enabled: true, files })]
}

// Without its configuration it would end and be started again every ten seconds, until kubeadm has run.
const condition = `[Unit]
ConditionPathExists=/var/lib/kubelet/config.yaml
`

const waiting = { path: `${units}/kubelet.service.d/20-metaltasks.conf`, content: condition, mode: '0600' }

const service = `[Unit]
Description=kubelet, which runs the pods of this node
Documentation=https://kubernetes.io/docs/
Wants=network-online.target containerd.service
After=network-online.target containerd.service
ConditionPathExists=/var/lib/kubelet/config.yaml
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/local/bin/kubelet
Restart=always
RestartSec=10

[Install]
WantedBy=multi-user.target
`

/** How kubeadm hands its settings over: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/kubelet-integration/ */
const kubeadmDropIn = `[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/local/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`

const ownUnits = [
  { path: `${units}/kubelet.service`, content: service },
  { path: `${units}/kubelet.service.d/10-kubeadm.conf`, content: kubeadmDropIn, mode: '0600' },
]
