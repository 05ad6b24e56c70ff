#!/bin/sh
# skelrun on a machine where nothing can be installed: unpacks the Deno that lies beside this file, once, and
# passes its arguments on.
#
#   SKELRUN_DENO   folder to unpack Deno into (default: .deno beside this file, else below TMPDIR)
#   DENO_DIR       folder of Deno's cache (default: below TMPDIR; a few MB, and of one machine alone)
set -eu

version='@VERSION@'
digest='@DIGEST@'
platform='@PLATFORM@'

fail() {
  printf 'skelrun: %s\n' "$*" >&2
  exit 1
}

self=$0
if [ -L "$self" ]; then
  self=$(readlink -f -- "$self") || fail "cannot follow the link $0; start the file that it leads to"
fi
here=$(CDPATH='' cd -- "$(dirname -- "$self")" && pwd -P)

case ${1:-} in
  test | test:long) fail "the tests need the sources: deno task test in a checkout" ;;
esac

found="$(uname -s) $(uname -m)"
[ "$found" = "$platform" ] ||
  fail "this bundle is for $platform, and this machine is $found; make a bundle on a machine like it"

name="deno-$version-$(printf '%.12s' "$digest")"
reason=

# Prints deno.xz unpacked; several programs can do it.
unpacked() {
  if command -v xz >/dev/null 2>&1; then
    xz -dc -- "$here/deno.xz"
  elif command -v unxz >/dev/null 2>&1; then
    unxz -c "$here/deno.xz"
  elif command -v python3 >/dev/null 2>&1; then
    python3 -c 'import lzma, shutil, sys
shutil.copyfileobj(lzma.open(sys.argv[1]), sys.stdout.buffer, 1 << 20)' "$here/deno.xz"
  else
    fail "Deno lies packed in $here/deno.xz, and this machine has neither xz nor python3 to unpack it;" \
      "unpack it elsewhere (xz -dc deno.xz > $name; chmod +x $name) into a folder that SKELRUN_DENO names"
  fi
}

# Whether a folder has Deno, or has it now.
has_deno() {
  folder=$1
  if ! { [ -d "$folder" ] || mkdir -p -m 700 -- "$folder" 2>/dev/null; }; then
    reason="$folder cannot be made"
    return 1
  fi
  # In a folder that everybody may write into, another user could have put something in its place.
  if [ "$2" = own ] && ! [ -O "$folder" ]; then
    reason="$folder belongs to another user"
    return 1
  fi
  [ -x "$folder/$name" ] && "$folder/$name" --version >/dev/null 2>&1 && return 0
  if ! [ -w "$folder" ]; then
    reason="$folder may not be written into"
    return 1
  fi
  printf 'skelrun: unpacking Deno %s into %s, once\n' "$version" "$folder" >&2
  part="$folder/.$name.$$"
  trap 'rm -f -- "$part"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if ! unpacked >"$part"; then
    reason="$here/deno.xz could not be unpacked into $folder: is its disk full?"
    return 1
  fi
  if command -v sha256sum >/dev/null 2>&1; then
    case $(sha256sum <"$part") in
      "$digest"*) ;;
      *) fail "$here/deno.xz is not what the bundle was made with; copy the bundle again" ;;
    esac
  fi
  chmod 755 "$part"
  if ! said=$("$part" --version 2>&1); then
    rm -f -- "$part"
    reason="Deno does not start in $folder: $(printf '%s' "$said" | head -n 1)"
    return 1
  fi
  mv -f -- "$part" "$folder/$name"
  trap - EXIT INT TERM
  return 0
}

temporary="${TMPDIR:-/tmp}/skelrun-$(id -u)"
if [ -n "${SKELRUN_DENO:-}" ]; then
  has_deno "$SKELRUN_DENO" any || fail "$reason (SKELRUN_DENO names it)"
elif ! has_deno "$here/.deno" any; then
  first=$reason
  has_deno "$temporary" own ||
    fail "$first; $reason. Name a folder that may be written into, on a disk that lets programs start:" \
      "SKELRUN_DENO=/that/folder $0 ..."
fi

# The cache holds databases, which several machines must not share: not beside this file, on a common disk.
if [ -z "${DENO_DIR:-}" ]; then
  mkdir -p -m 700 -- "$temporary" 2>/dev/null || true
  if [ -O "$temporary" ] && [ -w "$temporary" ]; then
    DENO_DIR="$temporary/cache"
  else
    DENO_DIR="$folder/cache"
  fi
fi
export DENO_DIR DENO_NO_UPDATE_CHECK=1

# The loader of the bundle serves where the system has none.
if [ -f "$here/vulkan/libvulkan.so.1" ]; then
  installed=
  for libraries in /usr/lib /usr/lib64 /usr/local/lib /usr/lib/*-linux-gnu /lib /lib64; do
    if [ -e "$libraries/libvulkan.so.1" ]; then installed=yes; fi
  done
  if [ -z "$installed" ]; then
    LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/vulkan"
    export LD_LIBRARY_PATH
  fi
fi

exec "$folder/$name" run --quiet -RWES --allow-run --no-prompt --cached-only \
  --config "$here/deno.json" "$here/main.ts" "$@"
