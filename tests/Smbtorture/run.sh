#!/usr/bin/env bash
# Samba's own SMB2 suite, smbtorture, against the product.
#
#   run.sh [--update] [--out DIRECTORY] [SUITE...]
#       runs the suites named, or all that have a test on the list passes.tsv, each in a process of its own against one of
#       JOBS gateways (default 2), each in a network namespace of its own. A test on the list that does not succeed is run
#       twice more by itself: it has regressed when it never succeeds. --update adds what newly succeeds to the list.
#
# settings.tsv says which suites need more than the share "files": shares with options, time, options of smbtorture.
# Root, smbtorture (Debian: samba-testsuite), smbclient. Prints what regressed; the last line is "N passed, N failed", counted on the list.
# DIRECTORY (default artifacts/test/smbtorture) gets results.tsv (suite, test, outcome, seconds, reason) and the raw logs.
set -uo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
root=$(cd "$here/../.." && pwd)
list=${SMBTORTURE_LIST:-$here/passes.tsv}
settings=$here/settings.tsv
out=$root/artifacts/test/smbtorture
jobs=${JOBS:-2}
seconds_max=${SMBTORTURE_SECONDS:-300}
program=${NASGATE_COMMAND:-$root/nasgate}
run=${LAB_RUN:-$$}
export LAB_RUN=$run
work=/var/tmp/nasgate-lab-$run-smbtorture
password=Pass1word-$RANDOM$RANDOM
update=

while [ $# -gt 0 ]; do
  case $1 in
  --update) update=yes ;;
  --out) out=$(realpath -m "$2"); shift ;;
  --*) sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 2 ;;
  *) break ;;
  esac
  shift
done
mkdir -p "$out/logs" "$work"
rm -f "$out"/logs/*.log

namespace_of() { echo "ngl-$run-smb$1"; }

clean_up() {
  local job pid
  trap - EXIT
  for ((job = 1; job <= jobs; job++)); do
    for pid in $(ip netns pids "$(namespace_of "$job")" 2>/dev/null); do kill -KILL "$pid" 2>/dev/null; done
    ip netns del "$(namespace_of "$job")" 2>/dev/null
  done
  [ -n "${KEEP:-}" ] || rm -rf --one-file-system "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

inside() { # inside JOB COMMAND...
  ip netns exec "$(namespace_of "$1")" env NASGATE_SECRET_FILE="$work/secret$1" "${@:2}"
}

# setting SUITE COLUMN: what the table says, or nothing.
setting() { awk -F'\t' -v suite="$1" -v column="$2" '$1 == suite { print $column }' "$settings"; }

# The shares of the gateways: what every suite may use, and what the table asks for.
shares=$({ printf 'files\nshare2\n'; awk -F'\t' '!/^#/ { gsub(" ", "\n", $2); print $2 }' "$settings"; } | awk '!seen[$0]++' | paste -sd,)

# One gateway with its nodes, two users and all shares.
start_gateway() {
  local job=$1 log=$out/logs/gateway$1.log i user
  ip netns add "$(namespace_of "$job")" || return
  inside "$job" ip link set lo up
  inside "$job" "$program" up --data "$work/data$job" --smb-port 445 \
    --shares "$shares" --smb-test-fsctl ${SMBTORTURE_GATEWAY:-} >"$log" 2>&1 &
  for ((i = 0; i < 1200; i++)); do
    grep -q '^nasgate: ready' "$log" && break
    kill -0 $! 2>/dev/null || { cat "$log"; return 1; }
    sleep 0.1
  done
  for user in smbtest smbtest2; do
    printf '%s\n' "$password" | inside "$job" "$program" user add $user --password-stdin >>"$log" 2>&1 || { tail -5 "$log"; return 1; }
  done

  # The directory of the share noperm: only the second user may do anything with it.
  inside "$job" smbclient -s "$work/smb.conf" //127.0.0.1/files -U "smbtest2%$password" -c 'mkdir noperm' >>"$log" 2>&1 &&
    inside "$job" smbcacls -s "$work/smb.conf" //127.0.0.1/files noperm -U "smbtest2%$password" \
      -S 'REVISION:1,ACL:smbtest2:0/0/0x001f01ff' >>"$log" 2>&1 || { tail -5 "$log"; return 1; }
}

printf '[global]\nclient min protocol = SMB2_02\nclient max protocol = SMB3_11\n' >"$work/smb.conf"

# torture JOB SUITE TEST LOG: the test with the settings of the suite, after what the table has run before it.
torture() {
  local share=files seconds=$seconds_max given before options=()
  given=$(setting "$2" 2); [ -z "$given" ] || { share=${given%% *}; share=${share%%=*}; }
  given=$(setting "$2" 3); [ "${given:--}" = - ] || seconds=$given
  before=$(setting "$2" 4)
  mapfile -t options < <(awk -F'\t' -v suite="$2" '$1 == suite { for (i = 5; i <= NF; i++) print "--option=" $i }' "$settings")
  [ "${before:--}" = - ] || torture_once "$1" "$before" "$4.before" || return
  torture_once "$1" "$3" "$4"
}

torture_once() { # torture_once JOB TEST LOG, with share, seconds and options of the caller
  (cd "$work/cwd$1" && inside "$1" timeout -k 5 "$seconds" smbtorture -s "$work/smb.conf" "//127.0.0.1/$share" \
    -U "smbtest%$password" --option=torture:share2=share2 --option=torture:user2name=smbtest2 \
    --option="torture:user2password=$password" "${options[@]}" ${SMBTORTURE_OPTIONS:-} "$2" >"$3" 2>&1 </dev/null)
}

all_tests=$(smbtorture -s "$work/smb.conf" --list 2>/dev/null | grep -E '^(smb2|vfs|rpc)\.')

# Leaf tests of a suite, as smbtorture prints them behind "test:". --list gives SUITE.CASE.TEST; for plain tests both are equal.
tests_of() {
  awk -v suite="$1" 'index($0, suite ".") == 1 {
    rest = substr($0, length(suite) + 2)
    count = split(rest, part, ".")
    if (count > 1 && part[count] == part[count - 1]) rest = substr(rest, 1, length(rest) - length(part[count]) - 1)
    print rest
  }' <<<"$all_tests"
}

# parse SUITE LOG CODE EXPECTED: a line for each test: suite, test, outcome, seconds, reason.
parse() {
  awk -v suite="$1" -v code="$3" -v expected="$4" -v OFS='\t' '
    BEGIN { while ((getline line < expected) > 0) { count++; wanted[count] = line } }
    function named(name, i, last) {
      for (i = 1; i <= count; i++) if (wanted[i] == name) return name
      for (i = 1; i <= count; i++) { last = wanted[i]; sub(/^.*\./, "", last); if (last == name) return wanted[i] }
      return name
    }
    function flush(outcome) { if (current != "") { print suite, current, outcome, "", ""; seen[current] = 1; current = "" } }
    /^time: / { split($3, clock, ":"); now = clock[1] * 3600 + clock[2] * 60 + clock[3]; if (began == "") began = now; next }
    /^test: / { flush("died"); current = named(substr($0, 7)); began = ""; next }
    /^(success|failure|error|skip|xfail): / {
      outcome = $1; sub(":", "", outcome)
      name = substr($0, length(outcome) + 3); sub(/ \[$/, "", name); name = named(name)
      reason = ""
      if ($0 ~ /\[$/ && (getline line) > 0) reason = line
      gsub(/\t/, " ", reason)
      spent = now - began; if (spent < 0) spent += 86400
      print suite, name, outcome, sprintf("%.1f", spent), substr(reason, 1, 180)
      seen[name] = 1; current = ""; next
    }
    END {
      flush(code == 124 || code == 137 ? "timeout" : "died")
      for (i = 1; i <= count; i++) if (!(wanted[i] in seen)) print suite, wanted[i], "notrun", "", ""
    }' "$2"
}

# run_suite JOB SUITE: all tests in one process; what a lost connection took with it is run again by itself.
run_suite() {
  local job=$1 suite=$2 log=$out/logs/$2.log code name started=$SECONDS
  tests_of "$suite" >"$work/expected.$suite"
  torture "$job" "$suite" "$suite" "$log"
  code=$?
  parse "$suite" "$log" "$code" "$work/expected.$suite" >"$work/result.$suite"
  while IFS=$'\t' read -r _ name outcome _; do
    case $outcome in died | notrun | timeout) ;; *) grep -qxF "$suite"$'\t'"$name" "$list" && [ "$outcome" != success ] || continue ;; esac
    run_again "$job" "$suite" "$name"
  done < <(cat "$work/result.$suite") >>"$work/again.$suite"
  [ -e "$work/again.$suite" ] || : >"$work/again.$suite"
  awk -F'\t' 'FILENAME == ARGV[1] { again[$2] = $0; next } ($2 in again) { print again[$2]; next } { print }' \
    "$work/again.$suite" "$work/result.$suite" >"$work/done.$suite"
  echo "$suite: $(awk -F'\t' '{ c[$3]++ } END { for (k in c) printf "%d %s, ", c[k], k }' "$work/done.$suite")$((SECONDS - started)) s"
}

# Tests on the list get two more tries; the others one, as one run must not take for ever.
run_again() {
  local job=$1 suite=$2 name=$3 log tries=1 try
  grep -qxF "$suite"$'\t'"$name" "$list" && tries=2
  log=$out/logs/$suite.${name//[ \/]/_}.again.log
  printf '%s\n' "$name" >"$work/one.$job"
  for ((try = 1; try <= tries; try++)); do
    torture "$job" "$suite" "$suite.$name" "$log"
    parse "$suite" "$log" $? "$work/one.$job" >"$work/try.$job"
    grep -q $'\tsuccess\t' "$work/try.$job" && break
  done
  head -1 "$work/try.$job"
}

worker() { # worker JOB: takes suites from the queue until it is empty
  local job=$1 suite
  mkdir -p "$work/cwd$job"
  while true; do
    suite=$(flock "$work/queue" sh -c 'head -1 "$0"; sed -i 1d "$0"' "$work/queue")
    [ -n "$suite" ] || return 0
    run_suite "$job" "$suite"
    inside "$job" sh -c 'ss -ltn | grep -q :445' || { echo "gateway $job is gone"; cat "$out/logs/gateway$job.log" | tail -20; return 1; }
  done
}

touch "$list"
# The long ones first, so that the workers end together.
slow='smb2.maxfid smb2.lease smb2.oplock smb2.notify smb2.durable-v2-open smb2.session smb2.replay smb2.multichannel smb2.lock smb2.timestamps'
if [ $# -gt 0 ]; then
  printf '%s\n' "$@" >"$work/queue"
else
  { printf '%s\n' $slow; cut -f1 "$list" | sort -u; } | awk 'FILENAME == ARGV[1] { on[$1] = 1; next } ($1 in on) && !seen[$1]++' "$list" - >"$work/queue"
fi
cp "$work/queue" "$work/suites"
[ "$(wc -l <"$work/queue")" -ge "$jobs" ] || jobs=$(wc -l <"$work/queue")

for ((job = 1; job <= jobs; job++)); do start_gateway "$job" || { echo "0 passed, 1 failed"; exit 1; }; done
workers=()
for ((job = 1; job <= jobs; job++)); do
  worker "$job" &
  workers+=($!)
done
for pid in "${workers[@]}"; do wait "$pid"; done

printf 'suite\ttest\toutcome\tseconds\treason\n' >"$out/results.tsv"
cat "$work"/done.* >>"$out/results.tsv"
awk -F'\t' 'FILENAME == ARGV[1] { ran[$1] = 1; next } ($1 in ran)' "$work/suites" "$list" >"$work/due"
regressed=$(awk -F'\t' 'FILENAME == ARGV[1] { if ($3 == "success") ok[$1 FS $2] = 1; next } !(($1 FS $2) in ok)' "$out/results.tsv" "$work/due")
if [ -n "$regressed" ]; then
  echo "regressed:"
  while IFS= read -r line; do grep -F "$line"$'\t' "$out/results.tsv" || echo "$line did not run"; done <<<"$regressed"
fi
new=$(awk -F'\t' 'FILENAME == ARGV[1] { on[$0] = 1; next } $3 == "success" && !(($1 FS $2) in on) { print $1 FS $2 }' "$list" "$out/results.tsv" | sort)
if [ -n "$new" ]; then
  if [ -n "$update" ]; then
    printf '%s\n' "$new" | sort -u - "$list" -o "$list"
  else
    echo "newly passing: $(wc -l <<<"$new")"
  fi
fi
due=$(wc -l <"$work/due")
failed=$([ -n "$regressed" ] && wc -l <<<"$regressed" || echo 0)
echo "measured: smbtorture $(awk -F'\t' 'NR > 1 { c[$3]++; n++ } END { printf "%d tests:", n; for (k in c) printf " %d %s", c[k], k }' "$out/results.tsv")"
echo "$((due - failed)) passed, $failed failed"
[ "$failed" = 0 ]
