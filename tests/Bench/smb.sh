#!/usr/bin/env bash
# smb.sh DIRECTORY ROUNDS MEGABYTES FILES: the load of `./bench smb`, inside a network namespace of its own.
#
# Samba on a local directory, unreplicated, against the product; the same client, alternating, medians and ratios.
# From the environment: PRODUCT_PORT, SAMBA_PORT, ADDRESS, SMB_USER, SMB_PASSWORD; GUEST=yes adds the kernel client.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
work=$1 rounds=$2 megabytes=$3 files=$4
results=$work/results.tsv
local=$work/client
: >"$results"
mkdir -p "$local/small" "$local/back"
head -c "${megabytes}M" /dev/urandom >"$local/large"
for ((i = 0; i < files; i++)); do printf 'small file %d %4000d\n' "$i" 0 >"$local/small/f$i"; done
printf 'username=%s\npassword=%s\n' "$SMB_USER" "$SMB_PASSWORD" >"$work/credentials"

port_of() { if [ "$1" = samba ]; then echo "$SAMBA_PORT"; else echo "$PRODUCT_PORT"; fi; }

protection_of() { # as smbclient says it
  case $1 in
  plain) echo --client-protection=off ;;
  signed) echo --client-protection=sign ;;
  sealed) echo --client-protection=encrypt ;;
  esac
}

client() { # client SERVER PROTECTION COMMANDS
  smbclient "//$ADDRESS/files" -p "$(port_of "$1")" -A "$work/credentials" "$(protection_of "$2")" -m SMB3 -c "$3" >"$work/smbclient.log" 2>&1 ||
    { cat "$work/smbclient.log" >&2; return 1; }
}

# timed SERVER PHASE AMOUNT UNIT COMMAND...: one figure, amount per second.
timed() {
  local server=$1 phase=$2 amount=$3 unit=$4 began ended
  shift 4
  began=$(date +%s%N)
  "$@"
  ended=$(date +%s%N)
  awk -v a="$amount" -v t=$((ended - began)) -v OFS='\t' -v s="$server" -v p="$phase" -v u="$unit" \
    'BEGIN { print p, s, a * 1e9 / t, u }' >>"$results"
}

smbclient_round() {
  local server protection
  for protection in plain signed sealed; do
    for server in "$@"; do
      client "$server" plain 'del large' 2>/dev/null || true
      timed "$server" "put-$protection" "$megabytes" MiB/s client "$server" "$protection" "put $local/large large"
    done
    for server in "$@"; do
      timed "$server" "get-$protection" "$megabytes" MiB/s client "$server" "$protection" "get large /dev/null"
    done
  done
  for server in "$@"; do
    timed "$server" small-create "$files" files/s client "$server" signed "prompt off; recurse on; lcd $local; mput small"
    timed "$server" small-read "$files" files/s client "$server" signed "prompt off; recurse on; lcd $local/back; mget small"
    timed "$server" small-delete "$files" files/s client "$server" signed "deltree small"
    rm -rf "$local/back/small"
  done
}

for ((round = 0; round <= rounds; round++)); do
  [ "$round" != 1 ] || : >"$results" # the first was to warm up
  if ((round % 2)); then smbclient_round samba nasgate; else smbclient_round nasgate samba; fi
done

if [ "${GUEST:-no}" = yes ]; then
  "$here/smb-guest.sh" "$work" "$rounds" "$((megabytes / 4))" "$files" >>"$results"
fi

# Marks: at least 0.5 of Samba on writes and small files, 0.8 on reads.
awk -F'\t' '
  function median(list, n, sorted, i, j, t) {
    n = split(list, sorted, " ")
    for (i = 2; i <= n; i++) { t = sorted[i] + 0; for (j = i - 1; j > 0 && sorted[j] + 0 > t; j--) sorted[j + 1] = sorted[j]; sorted[j + 1] = t }
    return n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
  }
  { value[$1, $2] = value[$1, $2] " " $3; unit[$1] = $4; if (!seen[$1]++) order[++count] = $1 }
  END {
    printf "%-22s %12s %12s %8s %6s\n", "phase", "nasgate", "samba", "ratio", "mark"
    for (i = 1; i <= count; i++) {
      phase = order[i]
      ours = median(value[phase, "nasgate"]); theirs = median(value[phase, "samba"])
      mark = phase ~ /get|read/ && phase !~ /small/ ? 0.8 : 0.5
      ratio = theirs ? ours / theirs : 0
      printf "%-22s %12.1f %12.1f %8.2f %6.1f %s %s\n", phase, ours, theirs, ratio, mark, (ratio >= mark ? "met" : "MISSED"), unit[phase]
    }
  }' "$results"
