import type { Resource } from '../resource.ts'
import { directories } from '../system/directories.ts'
import { file } from '../system/file.ts'
import { unit } from '../system/unit.ts'
import { cniFolder } from './releases.ts'

export interface ContainerdOptions {
  /** The image of the pods' sandboxes: it is never removed to make room. */
  pauseImage: string
  /** What brings its unit: with packages the file is theirs. */
  from: 'download' | 'packages'
}

/** containerd with the settings that kubelet needs; of what is in conf.d the operator is the author. */
export function containerd({ pauseImage, from }: ContainerdOptions): Resource[] {
  const config = { path: `${folder}/config.toml`, content: containerdConfig({ pauseImage }) }
  const service = { path: '/etc/systemd/system/containerd.service', content: containerdUnit }
  const files = from === 'download' ? [config, service] : [config]
  return [
    directories({ paths: [folder, `${folder}/conf.d`, registries, cniFolder, cniConfig] }),
    ...files.map(file),
    file({ path: '/etc/crictl.yaml', content: crictlConfig }),
    unit({ name: 'containerd.service', enabled: true, active: true, files, settleSeconds: 30 }),
  ]
}

const folder = '/etc/containerd'
const registries = `${folder}/certs.d`
const cniConfig = '/etc/cni/net.d'
const socket = 'unix:///run/containerd/containerd.sock'

/** Version 3 of the format, which containerd 2 reads: https://github.com/containerd/containerd/blob/main/docs/cri/config.md */
function containerdConfig({ pauseImage }: { pauseImage: string }): string {
  return `# Written by metaltasks. Settings of your own: ${folder}/conf.d/*.toml; mirrors of registries: ${registries}/HOST/hosts.toml
version = 3
imports = ["${folder}/conf.d/*.toml"]

# Layers are on the disk before they are known as unpacked: after a power cut they would else be there with empty files,
# which nothing finds out. The first is for images that are sent, the other two for those that are pulled.
[plugins."io.containerd.service.v1.diff-service"]
  sync_fs = true

[plugins."io.containerd.cri.v1.images"]
  image_pull_with_sync_fs = true
  use_local_image_pull = true

[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "${pauseImage}"

[plugins."io.containerd.cri.v1.images".registry]
  config_path = "${registries}"

[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = ["${cniFolder}"]
  conf_dir = "${cniConfig}"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  SystemdCgroup = true
`
}

// Pods go on while it is restarted: their shims are processes of their own, which KillMode leaves alone.
const containerdUnit = `[Unit]
Description=containerd, which runs containers
Documentation=https://containerd.io
After=network.target local-fs.target dbus.service

[Service]
Type=notify
ExecStartPre=-/sbin/modprobe overlay
ExecStart=/usr/local/bin/containerd
Restart=always
RestartSec=5
KillMode=process
Delegate=yes
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
OOMScoreAdjust=-999

[Install]
WantedBy=multi-user.target
`

const crictlConfig = `runtime-endpoint: ${socket}
image-endpoint: ${socket}
timeout: 10
`
