import type { Cluster, Config } from '../../config/model.ts'
import type { JsonMap } from '../../manifest/object.ts'
import { mergeOver } from './merge.ts'
import { cipherSuites, tlsMinVersion } from './tls.ts'

/** Settings of every kubelet. */
export function kubeletConfiguration({ cluster }: Pick<Config, 'cluster'>): JsonMap {
  return mergeOver(
    {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      cgroupDriver: 'systemd',
      eventRecordQPS: 5,
      // A map that is given replaces what the kubelet has by itself: all four of them.
      evictionHard: {
        'imagefs.available': '15%',
        'memory.available': '200Mi',
        'nodefs.available': '10%',
        'nodefs.inodesFree': '5%',
      },
      failSwapOn: true,
      imageGCHighThresholdPercent: 85,
      imageGCLowThresholdPercent: 80,
      podPidsLimit: 4096,
      protectKernelDefaults: true,
      readOnlyPort: 0,
      rotateCertificates: true,
      seccompDefault: true,
      serverTLSBootstrap: true,
      shutdownGracePeriod: '60s',
      shutdownGracePeriodCriticalPods: '20s',
      streamingConnectionIdleTimeout: '5m',
      tlsCipherSuites: cipherSuites,
      tlsMinVersion,
    },
    cluster.kubelet,
  )
}

/** Whether kubelets have their serving certificates signed by the cluster, as they do unless told otherwise. */
export function hasServingCertificates({ kubelet }: Pick<Cluster, 'kubelet'>): boolean {
  return kubelet.serverTLSBootstrap !== false
}

/** Settings of every kube-proxy. */
export function kubeProxyConfiguration({ cluster }: Pick<Config, 'cluster'>): JsonMap {
  const ours = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
  }
  return mergeOver(ours, cluster.kubeadm.kubeProxyConfiguration)
}
