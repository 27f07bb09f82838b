# apply-ignition IGNITION DIRECTORY LAYERS SCRATCH DISK:PATH…: does what the initramfs of a Flatcar machine does before
# its first boot. The root is mounted as on the host, in a mount namespace of this script. After a failure the disk of
# the host is as before.
set -euo pipefail
ignition=$1 directory=$2 layers=$3 scratch=$4
shift 4
# not below the directory of the lab, because Ignition writes the files of a user as that user, who may not enter it
root=/mnt
rm -rf "$directory/first" "$directory/first-work"
cp -a "$directory/upper" "$directory/first"
mkdir "$directory/first-work"
undo() {
  umount -R "$root" 2> /dev/null || true
  rm -rf "$directory/first" "$directory/first-work"
  for disk; do find "${disk%%:*}" -mindepth 1 -delete; done
}
trap 'undo "$@"' ERR
mount -t overlay overlay -o "lowerdir=$layers,upperdir=$directory/first,workdir=$directory/first-work" "$root"
mount --bind "$root/usr" "$root/usr"
mount -o remount,bind,ro "$root/usr"
for disk; do
  mkdir -p "$root/${disk#*:}"
  mount --bind "${disk%%:*}" "$root/${disk#*:}"
done
for stage in fetch-offline fetch kargs files; do
  "$ignition" --root="$root" --platform=file --stage="$stage" --config-cache="$scratch/config" \
    --state-file="$scratch/state" --neednet="$scratch/neednet" --log-to-stdout
done
umount -R "$root"
rm -rf "$directory/upper" "$directory/first-work"
mv "$directory/first" "$directory/upper"
