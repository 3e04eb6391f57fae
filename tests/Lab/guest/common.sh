# Words for the scripts of the guest.
set -u
share=/mnt/nas
export GIT_CONFIG_GLOBAL=/tmp/home/.gitconfig

# check NAME COMMAND...: one result line; the command's own output goes to NAME.log. What takes longer than
# LAB_CHECK_S seconds is ended with a word about where it hung. A group of its own, so that all of it ends.
check() {
  local name=$1 started code watch
  shift
  case ",${LAB_CHECKS:-$name}," in *",$name,"*) ;; *) return 0 ;; esac # to run one alone
  started=$(date +%s%N)
  set -m
  (
    set -eux
    "$@"
  ) > "$LAB_WORK/$name.log" 2>&1 &
  check_pid=$!
  (
    sleep "${LAB_CHECK_S:-600}"
    hung >> "$LAB_WORK/$name.log" 2>&1
    kill -KILL -- "-$check_pid"
  ) &
  watch=$!
  set +m
  wait "$check_pid"
  code=$?
  kill -KILL -- "-$watch" 2>/dev/null
  wait "$watch" 2>/dev/null
  echo "check $name $code $((($(date +%s%N) - started) / 1000000))"
  return "$code"
}

# Where the processes of the check wait, in the kernel's words.
hung() {
  local task
  echo "no end in ${LAB_CHECK_S:-600} s:"
  for task in /proc/[0-9]*; do
    [ -r "$task/stack" ] || continue
    grep -qE 'nfs|rpc|lock' "$task/stack" && { tr '\0' ' ' < "$task/cmdline"; echo; head -6 "$task/stack"; }
  done
}

measured() { echo "measured: $*"; }

mount_ports() { # without rpcbind, locks local
  mount -t nfs -o "vers=3,proto=tcp,port=${LAB_PORT:-2049},mountport=${LAB_MOUNT_PORT:-${LAB_PORT:-2049}},nolock,hard${1:+,$1}" \
    "$LAB_HOST:/files" "${2:-$share}"
}

mount_bare() { mount -t nfs -o "vers=3${1:+,$1}" "$LAB_HOST:/files" "${2:-$share}"; }

# A lock needs the client's own rpcbind and statd.
start_locking() {
  rpcbind -w 2>/dev/null || rpcbind
  rpc.statd --no-notify -n "$LAB_ADDRESS"
}

mark() { touch "$LAB_WORK/mark.$1"; }

await() { # await NAME: until the host says so
  until [ -e "$LAB_WORK/go.$1" ]; do sleep 0.05; done
}
