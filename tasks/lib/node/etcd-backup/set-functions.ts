/** Shell functions that make a set: snapshot, files of Kubernetes, what is known of them; tried, then encrypted. */
export const setFunctions = `sha_of() {
  sha256sum "$1" | cut -d ' ' -f 1
}

# What the API server is told of its etcd is what is backed up, be it on this machine or elsewhere.
flag() {
  sed -n "s/^ *- *[\\"']\\{0,1\\}--$1=\\([^\\"']*\\).*/\\1/p" "$kubernetes/manifests/kube-apiserver.yaml"
}

etcd_ctl() {
  etcdctl --endpoints="$endpoint" --cacert="$(flag etcd-cafile)" --cert="$(flag etcd-certfile)" --key="$(flag etcd-keyfile)" "$@"
}

take_snapshot() {
  [ -r "$kubernetes/manifests/kube-apiserver.yaml" ] || stop 'this machine has no API server: there is no kube-apiserver.yaml'
  endpoints=$(flag etcd-servers | tr , ' ')
  [ -n "$endpoints" ] || stop 'kube-apiserver.yaml does not say where etcd is'
  # One endpoint: a snapshot is of one member.
  for endpoint in $endpoints; do
    rm -f "$work"/snapshot.db*
    if etcd_ctl --command-timeout=10s get health >"$work/said" 2>&1 &&
      etcd_ctl --command-timeout=15m snapshot save "$work/snapshot.db" >"$work/said" 2>&1; then return; fi
    echo "$endpoint: $(tail -n 1 "$work/said")" >&2
  done
  stop "no snapshot could be taken"
}

# Only a restore compares a snapshot with its checksum; its status alone passes what was changed.
try_snapshot() {
  etcdutl snapshot status "$work/snapshot.db" -w json >"$work/status" 2>"$work/said" || stop "the snapshot cannot be read: $(tail -n 1 "$work/said")"
  etcdutl snapshot restore "$work/snapshot.db" --data-dir "$work/trial" >"$work/said" 2>&1 || stop "the snapshot cannot be restored: $(tail -n 1 "$work/said")"
  etcdutl snapshot status "$work/trial/member/snap/db" -w json >"$work/restored" 2>"$work/said" || stop "the restored data cannot be read: $(tail -n 1 "$work/said")"
  revision=$(value revision "$work/status")
  keys=$(value totalKey "$work/status")
  [ -n "$revision" ] && [ "$(value revision "$work/restored")" = "$revision" ] || stop "the restored data has another revision than the snapshot: $revision"
  [ "\${keys:-0}" -gt 0 ] || stop 'the snapshot holds no keys'
  rm -rf "$work/trial"
}

# Of the namespace kube-system: the same for as long as it is the same cluster.
cluster_uid() {
  etcd_ctl get /registry/namespaces/kube-system --print-value-only 2>/dev/null |
    grep -aoE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' | head -n 1
}

key_names() {
  [ ! -r "$kubernetes/enc/config.yaml" ] ||
    grep -oE '"?name"?: *"?[A-Za-z0-9._-]+' "$kubernetes/enc/config.yaml" | sed 's/.*[ ":]\\([A-Za-z0-9._-]*\\)$/"\\1"/' | tr '\\n' , | sed 's/,$//'
}

describe() {
  uid=$(cluster_uid)
  [ -n "$uid" ] || stop 'the snapshot is of no cluster: there is no namespace kube-system'
  etcd=$(etcd_ctl endpoint status -w json 2>/dev/null | sed -n 's/.*"version":"\\([^"]*\\)".*/\\1/p')
  # It is in the snapshot too; here it can be read.
  kubectl --kubeconfig "$kubernetes/admin.conf" --request-timeout=20s -n kube-system get configmap kubeadm-config -o yaml >"$work/kubeadm-config.yaml" 2>"$work/said" ||
    rm -f "$work/kubeadm-config.yaml"
  facts=$(printf '"version":1,"name":"%s","cluster":"%s","host":"%s","time":"%s","etcd":"%s","revision":%s,"keys":%s,"kubeSystemUid":"%s","encryptionKeys":[%s]' \\
    "$name" "$cluster" "$host" "$now" "$etcd" "$revision" "$keys" "$uid" "$(key_names)")
  printf '{%s}\\n' "$facts" >"$work/manifest.json"
}

make_set() {
  take_snapshot
  try_snapshot
  describe
  folders=$(cd "$kubernetes" && ls -d pki enc admission audit oidc patches manifests 2>/dev/null || :)
  files=$(cd "$work" && ls snapshot.db manifest.json kubeadm-config.yaml 2>/dev/null || :)
  { (cd "$work" && sha256sum $files); (cd "$kubernetes" && find $folders -type f -exec sha256sum {} +); } >"$work/SHA256SUMS"
  # Clear keys pass through a pipe only.
  { tar -cz -C "$work" SHA256SUMS $files -C "$kubernetes" $folders && : >"$work/packed"; } |
    age -R "$settings/recipients" -o "$work/$name.age" || stop 'it could not be encrypted'
  [ -e "$work/packed" ] || stop 'it could not be packed'
  [ "$(head -c 21 "$work/$name.age")" = age-encryption.org/v1 ] || stop 'what age wrote is no age file'
  printf '{%s,"bytes":%s,"sha256":"%s"}\\n' "$facts" "$(wc -c <"$work/$name.age")" "$(sha_of "$work/$name.age")" >"$work/$name.json"
}
`
