/*
 * The quorum journal (docs/quorum-protocol.md) as a small model: nodes that promise epochs and keep a log, owners that take
 * an epoch, fence, adopt the best log, replicate and commit. An entry is its epoch: an epoch has one owner, who writes one
 * entry at an index, so (index, epoch) names it.
 *
 * What a message does happens at once, at any time after it could have been sent; what its sender learns of it is used at any
 * time later. As every step is optional, that is loss, delay, reordering, duplication, and owners that pause or die. Each
 * owner here is one start of one: a gateway that starts again is another.
 *
 * A wrong rule is chosen by -D; the check must then fail:
 *   NO_FENCING       nodes take appends of epochs below what they promised
 *   LONGEST_LOG      the best log is the longest, whatever its last epoch (needs three owners)
 *   SMALL_QUORUM     one node is enough to commit
 *   ABSENT_IN_LIMBO  a node that lost its disk testifies that it never had anything (needs LOSSES)
 *
 * Rules whose breach takes longer histories (Raft's figure 8 takes four owners) are the simulator's to find.
 */
#ifndef NODES
#define NODES 3
#endif
#ifndef OWNERS
#define OWNERS 2
#endif
#ifndef LENGTH
#define LENGTH 4
#endif
#ifndef LOSSES
#define LOSSES 0
#endif
#define MAJORITY (NODES / 2 + 1)
#ifdef SMALL_QUORUM
#define COMMIT_QUORUM 1
#else
#define COMMIT_QUORUM MAJORITY
#endif

#define LAST(of) of.entry[of.length]

typedef Log {
  byte length;
  byte entry[LENGTH + 1]   /* from 1 on; 0 is no entry */
};

Log node[NODES];
byte promised[NODES];
bool limbo[NODES];
byte lost;                  /* disks lost so far */

byte recordEpoch;           /* the control record, changed by compare-and-set */

byte committed[LENGTH + 1]; /* what was ever committed at an index; 0 is nothing */
byte committedLength;

byte started;               /* owners whose epoch is established, for the reachability check */

/* An entry is committed once, and never another one at its index. */
inline commit(index, epoch) {
  assert(committed[index] == 0 || committed[index] == epoch);
  committed[index] = epoch;
  if
  :: committedLength < index -> committedLength = index
  :: else
  fi
}

active [OWNERS] proctype Owner() {
  byte epoch, n, k, count, seen;
  byte start;               /* index of this epoch's first entry */
  byte done;                /* committed by this owner */
  Log log;
  byte match[NODES];
  bool answered[NODES];
  bool complete;

  /* Epoch and owner are one compare-and-set. */
  seen = recordEpoch;
  atomic {
    if
    :: recordEpoch == seen -> recordEpoch = seen + 1; epoch = recordEpoch
    :: else -> goto gone
    fi
  }

  /* Fence a majority; hear from a majority that is not in limbo. Their logs cannot change below this epoch any more. */
fence:
  atomic {
    count = 0;
    complete = false;
    n = 0;
    k = 0;
    do
    :: n < NODES ->
      if
      :: answered[n] -> count++;
#ifdef ABSENT_IN_LIMBO
        k++
#else
        if
        :: match[n] == 1 -> k++  /* answered from outside of limbo */
        :: else
        fi
#endif
      :: else
      fi;
      n++
    :: else -> break
    od;
    complete = (count >= MAJORITY && k >= MAJORITY);
    n = 0; k = 0; count = 0
  }
  if
  :: complete -> goto recovered
  :: else
  fi;
  atomic {
    select (n : 0 .. NODES - 1);
    if
    :: promised[n] > epoch -> goto gone
    :: promised[n] <= epoch && (!answered[n] || (match[n] == 0 && !limbo[n])) ->
      promised[n] = epoch;
      answered[n] = true;
      match[n] = (limbo[n] -> 0 : 1);
      if
#ifdef LONGEST_LOG
      :: node[n].length > log.length ->
#else
      :: LAST(node[n]) > LAST(log) || (LAST(node[n]) == LAST(log) && node[n].length > log.length) ->
#endif
        log.length = node[n].length;
        k = 0;
        do
        :: k <= LENGTH -> log.entry[k] = node[n].entry[k]; k++
        :: else -> break
        od;
        k = 0
      :: else
      fi
    :: else
    fi;
    n = 0
  }
  goto fence;

recovered:
  atomic {
    n = 0;
    do
    :: n < NODES -> match[n] = 0; n++
    :: else -> break
    od;
    n = 0;
    if
    :: log.length >= LENGTH -> goto gone     /* the model's bound */
    :: else
    fi;
    log.length++;
    start = log.length;
    log.entry[start] = epoch
  }

lead:
  atomic {
    if
    /* Append one entry to one node, naming its predecessor. */
    :: select (n : 0 .. NODES - 1);
      k = (match[n] < log.length -> match[n] + 1 : log.length);
      do
      :: k > 1 -> k--
      :: break
      od;
      if
#ifdef NO_FENCING
      :: true ->
#else
      :: promised[n] > epoch -> goto gone
      :: promised[n] <= epoch ->
        promised[n] = epoch;
#endif
        if
        :: node[n].length >= k - 1 && (k == 1 || node[n].entry[k - 1] == log.entry[k - 1]) ->
          if
          :: node[n].length >= k && node[n].entry[k] == log.entry[k]
          :: else ->
            node[n].entry[k] = log.entry[k];
            node[n].length = k;
            count = k + 1;
            do
            :: count <= LENGTH -> node[n].entry[count] = 0; count++
            :: else -> break
            od;
            count = 0
          fi;
          /* What a copy in limbo acknowledged before it was lost counts no more. */
          if
          :: limbo[n] || match[n] < k -> match[n] = k
          :: else
          fi;
          /* It has everything that is committed in an established epoch: it may testify again. */
          if
          :: limbo[n] && done >= start && k >= done -> limbo[n] = false
          :: else
          fi
        :: else
        fi
      fi;
      n = 0; k = 0

    /* Commit what a majority has, by an entry of this epoch. */
    :: done < log.length ->
      k = log.length;
      do
      :: k > done ->
        count = 0; n = 0;
        do
        :: n < NODES ->
          if
          :: match[n] >= k -> count++
          :: else
          fi;
          n++
        :: else -> break
        od;
        if
        :: count >= COMMIT_QUORUM && log.entry[k] == epoch -> break
        :: else -> k--
        fi
      :: else -> break
      od;
      if
      :: k > done ->
        if
        :: done < start && k >= start -> started++
        :: else
        fi;
        n = done + 1;
        do
        :: n <= k -> commit(n, log.entry[n]); n++
        :: else -> break
        od;
        done = k
      :: else
      fi;
      n = 0; k = 0; count = 0

    /* Propose, once the epoch is established. */
    :: done >= start && log.length < LENGTH -> log.length++; log.entry[log.length] = epoch
    fi
  }
  goto lead;

gone:
  atomic { n = 0; k = 0; count = 0 }
}

#if LOSSES > 0
/* A disk is lost: its node comes back empty, in limbo, with the record's epoch promised. */
active proctype Losses() {
  byte n;
  do
  :: atomic {
      lost < LOSSES -> select (n : 0 .. NODES - 1);
      lost++;
      node[n].length = 0;
      promised[n] = recordEpoch;
      limbo[n] = true
    }
  :: break
  od
}
#endif

#ifdef REACHES
/* Fails if the model does what it is for: two owners after each other commit. A check of the check. */
never {
  do
  :: started >= 2 -> break
  :: else
  od
}
#endif
