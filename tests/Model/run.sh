#!/usr/bin/env bash
# Checks the model of the quorum protocol exhaustively within its bounds, and that wrong rules are refuted.
# The last line is "N passed, N failed".
set -uo pipefail
model=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)/quorum.pml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
passed=0
failed=0

# check NAME EXPECTED DEFINE...: searches all states; EXPECTED is the number of errors.
check() {
  local name=$1 expected=$2 output errors states started=$SECONDS
  shift 2
  output=$(spin -a "$@" "$model" && gcc -w -O2 -DSAFETY -DCOLLAPSE -DMEMLIM=4000 -o pan pan.c && ./pan -m200000) || true
  errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' <<<"$output")
  states=$(sed -n 's/ *\([0-9.e+]*\) states, stored.*/\1/p' <<<"$output")
  # A search that was cut short proves nothing.
  if [ "$errors" = "$expected" ] && ! grep -q -e truncated -e 'out of memory' -e 'max search depth' <<<"$output"; then
    passed=$((passed + 1))
    echo "measured: model $name: $errors errors in $states states, $((SECONDS - started)) s"
  else
    failed=$((failed + 1))
    echo "model $name: FAILED, expected $expected errors"
    tail -30 <<<"$output"
  fi
}

check 'three nodes, two owners' 0
check 'three nodes, two owners, a lost disk' 0 -DLOSSES=1 -DLENGTH=2
check 'reaches two established owners' 1 -DREACHES
check 'without fencing' 1 -DNO_FENCING
check 'with a quorum of one' 1 -DSMALL_QUORUM
check 'with the longest log' 1 -DLONGEST_LOG -DOWNERS=3 -DLENGTH=3
check 'with testimony from limbo' 1 -DABSENT_IN_LIMBO -DLOSSES=1 -DLENGTH=2
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
