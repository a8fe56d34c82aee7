import { placeMarker } from './paths.ts'

/** Shell functions for places: a folder, a server over SFTP, a bucket of S3. A copy counts once it was read back. */
export const placeFunctions = `# Place 0 is this machine's own.
use() {
  number=$1
  own=$settings/places/$number
  kind=folder
  if [ "$number" = 0 ]; then
    label='this machine'
    folder=$state/sets
  else
    [ -r "$own.conf" ] || stop "there is no place $number"
    . "$own.conf"
  fi
  # An unmounted folder is a folder too: copies there would fill the disk of this machine and be worth nothing.
  if [ "$kind" = folder ] && [ "$number" != 0 ]; then
    [ -e "$folder/${placeMarker}" ] || stop "$folder/${placeMarker} is missing: is the file system mounted?"
  fi
  [ "$kind" != folder ] || folder=$folder/$cluster
}

label_of() {
  (
    label='this machine'
    [ "$1" = 0 ] || . "$settings/places/$1.conf"
    echo "$label"
  )
}

# FILE NAME
put() {
  case $kind in
    folder)
      mkdir -p "$folder"
      cp "$1" "$folder/.$2.part"
      sync "$folder/.$2.part"
      mv "$folder/.$2.part" "$folder/$2"
      sync "$folder"
      ;;
    ssh)
      remote "-mkdir \\"$path\\"" "-mkdir \\"$path/$cluster\\"" \\
        "put \\"$1\\" \\"$path/$cluster/.$2.part\\"" "-rm \\"$path/$cluster/$2\\"" "rename \\"$path/$cluster/.$2.part\\" \\"$path/$cluster/$2\\""
      ;;
    s3) curl -K "$own.curl" -T "$1" -H "x-amz-content-sha256: $(sha_of "$1")" "$bucket/$prefix$cluster/$2" ;;
  esac
}

# NAME
get() {
  case $kind in
    folder) cat "$folder/$1" ;;
    ssh)
      remote "get \\"$path/$cluster/$1\\" \\"$work/got\\""
      cat "$work/got"
      rm -f "$work/got"
      ;;
    s3) s3 "$bucket/$prefix$cluster/$1" ;;
  esac
}

# All names that are there.
names() {
  case $kind in
    folder) [ ! -d "$folder" ] || ls -A "$folder" ;;
    ssh)
      remote "-mkdir \\"$path\\"" "-mkdir \\"$path/$cluster\\"" "ls -1a \\"$path/$cluster\\""
      sed 's|.*/||' "$work/sftp.out"
      ;;
    s3) s3_names ;;
  esac
}

# NAME
drop() {
  case $kind in
    folder) rm -f "$folder/$1" ;;
    ssh) remote "-rm \\"$path/$cluster/$1\\"" ;;
    s3) s3 -X DELETE "$bucket/$prefix$cluster/$1" ;;
  esac
}

remote() {
  printf '%s\\n' "$@" >"$work/batch"
  sftp -F "$own.ssh_config" -b "$work/batch" place >"$work/sftp.out" 2>"$work/sftp" || stop "$(tail -n 3 "$work/sftp")"
}

# Its credentials are in a file that curl reads. What is sent is signed with the digest of its body: of nothing here.
s3() {
  curl -K "$own.curl" -H "x-amz-content-sha256: $(sha_of /dev/null)" "$@"
}

# A thousand at a time; each next page begins after the last name of the one before.
s3_names() {
  folder_part=$(printf %s "$prefix$cluster/" | sed 's|/|%2F|g')
  after=
  while :; do
    s3 "$bucket?list-type=2&prefix=$folder_part\${after:+&start-after=$folder_part$after}" >"$work/page"
    tr '<' '\\n' <"$work/page" | sed -n 's|^Key>.*/||p' >"$work/page.names"
    cat "$work/page.names"
    grep -q '<IsTruncated>true<' "$work/page" || return 0
    after=$(tail -n 1 "$work/page.names")
    [ -n "$after" ] || stop 'the bucket lists nothing, and says there is more'
  done
}

# FILE NAME
copy() {
  put "$1" "$2"
  [ "$(get "$2" | sha256sum | cut -d ' ' -f 1)" = "$(sha_of "$1")" ] || stop "$2 was read back and is not what was written"
}

# Names on stdin; those of sets that are whole: what describes a set is written last.
sets() {
  sed -n 's/^\\(etcd-.*-[0-9]\\{8\\}T[0-9]\\{6\\}Z\\)\\.json$/\\1/p' | sort
}

# Older than the newest $keep of this machine goes, however old those are. Nothing goes unless the newest is there.
tidy() {
  names >"$work/names"
  own_names="$(echo "etcd-$cluster-$host" | sed 's/\\./\\\\./g')-[0-9]\\{8\\}T[0-9]\\{6\\}Z"
  sets <"$work/names" | sed -n "/^$own_names$/p" >"$work/sets"
  grep -qx "$name" "$work/sets" || stop "$name is not listed there"
  oldest=$(tail -n "$keep" "$work/sets" | head -n 1)
  [ "$(wc -l <"$work/sets")" -gt "$keep" ] || return 0
  sed -n "s/^\\.\\{0,1\\}\\($own_names\\)\\.\\(age\\|json\\)\\(\\.part\\)\\{0,1\\}$/\\1 &/p" "$work/names" | sort >"$work/older"
  while read -r one file <&5; do
    [ "$one" \\< "$oldest" ] || continue
    drop "$file" 5<&-
  done 5<"$work/older"
}
`
