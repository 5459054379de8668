# Sourced by the scripts that start what this repository builds; they set `root` first.

# Prints how to get the SDK and ends, when it is missing.
require_sdk() {
  local major=10
  if ! command -v dotnet >/dev/null; then
    echo "Weft is built with the .NET $major SDK, and there is no 'dotnet' on the PATH." >&2
  elif ! dotnet --list-sdks | grep -q "^$major\."; then
    echo "Weft is built with the .NET $major SDK; 'dotnet' has only: $(dotnet --list-sdks | cut -d' ' -f1 | paste -sd' ' -)." >&2
  else
    return 0
  fi
  echo "Install it from https://dot.net/download and try again." >&2
  exit 69
}

# sources FOLDER...: every file that the build of these folders reads.
sources() {
  find "$@" "$root/global.json" "$root"/Directory.* "$root/.editorconfig" "$root/BannedSymbols.txt" \
    \( -name bin -o -name obj -o -name node_modules -o -path '*/dashboard/dist*' -o -name results \) -prune -o -type f "${newer[@]}" -print
}

# build_once PROJECT OUTPUT FOLDER...: builds PROJECT for release unless OUTPUT is newer than every source and no source
# was added or removed since. Quiet unless it fails, and always on standard error.
build_once() {
  local project=$1 output=$2 stamp=$2.sources newer=()
  shift 2
  local list
  list=$(sources "$@")
  newer=(-newer "$stamp")
  if [[ -f $output && -f $stamp && $list == "$(<"$stamp")" && -z $(sources "$@") ]]; then
    return 0
  fi

  require_sdk
  # The stamp is as old as the start of the build: what changes meanwhile is built the next time.
  local begun=$stamp.$$ log=$stamp.log
  mkdir -p "${output%/*}"
  echo "$list" >"$begun"
  echo "Building ${project##*/} ..." >&2
  if ! dotnet build "$root/$project" -c Release -nologo -v quiet -clp:NoSummary >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$begun"
    exit 70
  fi
  mv "$begun" "$stamp"
}

# The built programs look for the runtime in the default place only, unless they are told.
if [[ -z ${DOTNET_ROOT:-} ]] && command -v dotnet >/dev/null; then
  DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")")
  export DOTNET_ROOT
fi
