# SPDX-License-Identifier: Apache-2.0
# The node's side of `sealock pki distribute`. It comes over ssh on the standard input of a POSIX shell, followed by
# calls of the functions look_at_*, begin, line, put, reuse and go; so nothing has to be installed on the node, and
# nothing secret is ever an argument of a process. Answers are lines that start with "@sealock".
#
# State folder (0700):  stage-ID/N   new files       kept-ID/N  old files       draft-ID  a journal that is not yet true
#                       journal      a change that has begun and will be completed      undo  one that is being undone
#                       former       the last change that was completed: what a rollback returns to
# A journal's first line is "sealock-journal 1 ID"; every other one has the fields
#   TYPE N DEPTH KEPT  KIND MODE UID GID SHA256 (before)  KIND MODE UID GID SHA256 (after)  PATH
# with - for "nothing" or "does not matter". DEPTH tells where the new file waits: "." in stage-ID, a number in the folder
# of that many first names of PATH, as .sealock-ID-N, because rename(2) does not cross file systems.
set -eu
umask 077
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
unset CDPATH
# A connection that breaks must not stop a change that has begun.
trap '' HUP PIPE
trap 'exit 1' INT TERM

longest=16777216
own=
begun=
locked=
why=

say() { echo "@sealock $*" 2>/dev/null || :; }

fail() { say "failed $*"; exit 1; }

leave() {
  cd / || :
  [ -z "$own" ] || [ -n "$begun" ] || drop "$own" || :
  [ -z "$locked" ] || rm -rf "$state/lock.d" || :
}
trap leave EXIT

# open ROOT STATE make|look SECONDS: the last is how long to wait for another run to end
open() {
  patience=$4
  for tool in stat sha256sum base64 mv cp rm mkdir rmdir chmod chown cat readlink sync id sed; do
    command -v "$tool" >/dev/null 2>&1 || fail "the node has no program \"$tool\": install it (coreutils or busybox)"
  done
  me=$(id -u)
  cd -P "$1" 2>/dev/null || fail "there is no folder $1"
  root=$PWD
  state=${root%/}/$2
  say "user $me"
  relabel=
  if command -v restorecon >/dev/null 2>&1 && selinuxenabled 2>/dev/null; then relabel=yes; fi
  if [ "$3" = make ]; then
    folder=
    rest=$2
    while [ -n "$rest" ]; do
      name=${rest%%/*}
      case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
      enter "$folder" || fail "${why:-$folder is gone}"
      [ -e "./$name" ] || if [ -n "$rest" ]; then (umask 022; mkdir "./$name"); else mkdir "./$name"; fi ||
        fail "log in as root, or use --sudo: ${root%/}$folder/$name could not be made"
      folder=${folder:+$folder/}$name
    done
    enter "$2" || fail "${why:-$state is gone}"
    set -- $(stat -c '%u %a' .)
    [ "$1" = "$me" ] || fail "log in as the same user as before, or use --sudo: $state belongs to user $1"
    chmod 700 .
  fi
}

# enter FOLDER: goes to a folder below the root, name by name. A linked folder is followed if the link belongs to root or
# to this user and leads to a place below the root; since every step is checked after it was made, nobody can lead us astray.
enter() {
  why=
  cd -P "$root" || return 1
  todo=$1
  while [ -n "$todo" ]; do
    part=${todo%%/*}
    case $todo in */*) todo=${todo#*/} ;; *) todo= ;; esac
    if [ -L "./$part" ]; then
      owner=$(stat -c %u "./$part") || return 1
      if [ "$owner" != 0 ] && [ "$owner" != "$me" ]; then
        why="${PWD%/}/$part is a link that belongs neither to root nor to the user who runs this: replace it by a folder"
        return 1
      fi
      at=${PWD%/}/$part
      cd -P "./$part" 2>/dev/null || return 1
      case ${PWD%/}/ in
        "${root%/}"/*) ;;
        *) why="$at leads out of $root: replace the link by a folder"; return 1 ;;
      esac
    elif [ -d "./$part" ]; then
      at=${PWD%/}/$part
      cd -P "./$part" || return 1
      [ "$PWD" = "$at" ] || { why="$at is being moved"; return 1; }
    else
      [ ! -e "./$part" ] || why="${PWD%/}/$part is no folder: move it away"
      return 1
    fi
  done
}

parent() { case $1 in */*) echo "${1%/*}" ;; *) echo "" ;; esac; }

# look NAME: kind, mode, user, group and hash of an entry of the current folder
look() {
  k=- m=- u=- g=- s=-
  if [ -L "./$1" ]; then
    k=link
    s=$(readlink "./$1" | sha256sum) || return 1
  elif [ -f "./$1" ]; then
    k=file
    size=$(stat -c %s "./$1") || return 1
    if [ "$size" -gt "$longest" ]; then s=long; else s=$(sha256sum < "./$1") || return 1; fi
  elif [ -d "./$1" ]; then
    k=folder
  elif [ -e "./$1" ]; then
    k=other
    return 0
  else
    return 0
  fi
  facts=$(stat -c '%a %u %g' "./$1") || return 1
  m=${facts%% *} g=${facts##* } u=${facts#* }
  u=${u% *} s=${s%% *}
}

# meets KIND MODE UID GID SHA256: whether what was looked at is this
meets() {
  [ "$k" = "$1" ] || return 1
  [ "$k" != - ] || return 0
  [ "$3" = - ] || [ "$u" = "$3" ] || return 1
  [ "$4" = - ] || [ "$g" = "$4" ] || return 1
  [ "$k" = link ] || [ "$m" = "$2" ] || return 1
  [ "$k" = folder ] || [ "$s" = "$5" ]
}

# find_path PATH: looks at a path below the root
find_path() {
  if enter "$(parent "$1")"; then
    look "${1##*/}"
  elif [ -n "$why" ]; then
    return 1
  else
    k=- m=- u=- g=- s=-
  fi
}

lock() {
  tries=0
  until try_lock; do
    [ "$tries" -lt "$patience" ] || return 1
    tries=$((tries + 1))
    sleep 1
  done
}

try_lock() {
  if command -v flock >/dev/null 2>&1; then
    exec 9>"$state/lock"
    flock -n 9 9>&9 # said twice: some shells keep descriptors from the programs they run
    return
  fi
  # Without flock: a folder that names who made it, and since which start of the machine.
  boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo unknown)
  if mkdir "$state/lock.d" 2>/dev/null; then
    locked=yes
    echo "$$ $boot" > "$state/lock.d/by"
    return
  fi
  held=$(cat "$state/lock.d/by" 2>/dev/null || :)
  if [ -z "$held" ] && [ "$tries" -lt 3 ]; then return 1; fi # it may be about to name itself
  [ "${held#* }" = "$boot" ] && kill -0 "${held%% *}" 2>/dev/null || rm -rf "$state/lock.d"
  return 1
}

flush() { sync -f "$state" 2>/dev/null || sync; }

# go_to_staged: goes to where the new file of the entry N, DEPTH, PATH waits, and sets its name there
go_to_staged() {
  if [ "$depth" = . ]; then
    waits=$n
    cd -P "$state/stage-$id" 2>/dev/null
    return
  fi
  waits=.sealock-$id-$n
  folder= rest=$path i=0
  while [ "$i" -lt "$depth" ]; do
    folder=${folder:+$folder/}${rest%%/*} rest=${rest#*/} i=$((i + 1))
  done
  enter "$folder"
}

# each FUNCTION FILE: calls a function for every entry of a journal, until one fails
each() {
  while read -r type n depth kept bk bm bu bg bs ak am au ag as path; do
    if [ "$type" = sealock-journal ]; then
      [ "$n" = 1 ] || { why="a newer sealock has written $2: use that"; return 1; }
      id=$depth
      continue
    fi
    name=${path##*/}
    "$1" || return 1
  done < "$2"
}

can_complete() {
  [ "$type" = file ] && [ "$ak" != - ] || return 0
  if go_to_staged && look "$waits" && meets "$ak" "$am" "$au" "$ag" "$as"; then return 0; fi
  find_path "$path" && meets "$ak" "$am" "$au" "$ag" "$as"
}

complete() {
  if [ "$type" = folder ]; then
    settle "$ak" "$am" "$au" "$ag"
    return
  fi
  if [ "$ak" = - ]; then
    if enter "$(parent "$path")"; then rm -f "./$name" || return 1; fi
    return 0
  fi
  # What does not wait any more is in its place: can_complete has seen it there.
  if go_to_staged && { [ -e "./$waits" ] || [ -L "./$waits" ]; }; then replace "${PWD%/}/$waits"; fi
}

# replace FILE: puts a file in the place of the entry by rename(2)
replace() {
  enter "$(parent "$path")" || return 1
  if [ -L "./$name" ] && [ -d "./$name" ]; then
    rm -f "./$name" || return 1 # or mv would move into the folder that the link leads to
  elif [ -d "./$name" ]; then
    why="${PWD%/}/$name is a folder: move it away"
    return 1
  fi
  mv -f "$1" "./$name" || return 1
  # A renamed file keeps the label that it was given in the staging folder.
  [ -z "$relabel" ] || restorecon "./$name" || :
}

# settle KIND MODE UID GID: makes, removes or changes a folder, whose inode stays
settle() {
  if [ "$1" = - ]; then
    if enter "$(parent "$path")"; then rmdir "./$name" 2>/dev/null || :; fi
    return 0
  fi
  enter "$(parent "$path")" || return 1
  [ -d "./$name" ] || mkdir "./$name" || return 1
  enter "$path" || return 1
  [ "$3" = - ] || chown "$3:$4" . || return 1
  chmod "$2" .
}

restore() {
  [ "$type" = file ] || return 0
  find_path "$path" || return 1
  ! meets "$bk" "$bm" "$bu" "$bg" "$bs" || return 0
  if [ "$kept" = - ]; then
    # What somebody else has put there since is not ours to delete.
    if meets "$ak" "$am" "$au" "$ag" "$as"; then rm -f "./$name"; fi
    return
  fi
  if [ ! -e "$state/kept-$id/$n" ] && [ ! -L "$state/kept-$id/$n" ]; then
    why="$path has been changed by somebody else, and its former content is gone"
    return 1
  fi
  if [ "$depth" = . ] || [ "$depth" = - ]; then
    replace "$state/kept-$id/$n"
    return
  fi
  enter "$(parent "$path")" || return 1
  rm -f "./.sealock-$id-$n-old" && cp -pP "$state/kept-$id/$n" "./.sealock-$id-$n-old" && replace "${PWD%/}/.sealock-$id-$n-old"
}

restore_folder() { [ "$type" != folder ] || settle "$bk" "$bm" "$bu" "$bg"; }

# undo_all: back to what was before, files first, inner folders before outer ones
undo_all() {
  each restore "$state/undo" || return 1
  sed -n '/^folder /{G;h;};${x;p;}' "$state/undo" | (
    while read -r type n depth kept bk bm bu bg bs ak am au ag as path; do
      [ -n "$type" ] || continue
      name=${path##*/}
      restore_folder || exit 1
    done
  ) || return 1
  sync
  each drop_entry "$state/undo" || :
  rm -f "$state/undo" || return 1
  flush
}

complete_all() { each complete "$state/journal" && sync; }

commit() { mv -f "$state/journal" "$state/former" && flush; }

# recover: completes or undoes what an earlier run has left half done
recover() {
  if [ -f "$state/undo" ]; then
    undo_all || return 1
    say recovered undone
  elif [ -f "$state/journal" ]; then
    if each can_complete "$state/journal" && complete_all; then
      commit || return 1
      say recovered completed
    else
      mv -f "$state/journal" "$state/undo" && undo_all || return 1
      say recovered undone
    fi
  fi
}

drop_entry() {
  case $depth in
    . | -) ;;
    *) if go_to_staged; then rm -f "./$waits" "./$waits-old"; fi ;;
  esac
}

# drop ID: deletes what a run has staged
drop() {
  if [ -f "$state/draft-$1" ]; then each drop_entry "$state/draft-$1" || :; fi
  rm -rf "$state/stage-$1" "$state/kept-$1" "$state/draft-$1"
}

# clean: deletes what runs that were interrupted before their journal have staged
clean() {
  keep=
  [ ! -f "$state/former" ] || keep=$(sed -n '1s/^sealock-journal 1 //p' "$state/former")
  for entry in "$state"/draft-* "$state"/stage-* "$state"/kept-*; do
    entry=${entry##*/}
    entry=${entry#*-}
    case $entry in
      "*") ;;
      "$keep") rm -rf "$state/stage-$entry" "$state/draft-$entry" ;;
      *) drop "$entry" ;;
    esac
  done
}

busy="another run is changing files on this node just now: try again when it is done"

# look_at_state recover|look: what interrupted runs have left; recover also puts it right
look_at_state() {
  if [ "$1" = recover ]; then
    lock || fail "$busy"
    recover || fail "an interrupted change could neither be completed nor undone: ${why:-see the message above}"
    clean
    exec 9>&- || :
    [ -z "$locked" ] || rm -rf "$state/lock.d"
    locked=
  elif [ -f "$state/journal" ] || [ -f "$state/undo" ]; then
    say pending
  fi
}

look_at_former() {
  [ -f "$state/former" ] || return 0
  while read -r entry; do say "former $entry"; done < "$state/former"
}

# look_at_owner N USER [GROUP]: numbers of names
look_at_owner() {
  case $2 in *[!0-9]*) u=$(id -u "$2" 2>/dev/null) || u=- ;; *) u=$2 ;; esac
  if [ $# -lt 3 ]; then
    g=$(id -g "$2" 2>/dev/null) || g=-
  else
    case $3 in
      *[!0-9]*)
        g=$(getent group "$3" 2>/dev/null || sed -n "/^$3:/p" /etc/group) || :
        g=${g#*:*:}
        g=${g%%:*}
        ;;
      *) g=$3 ;;
    esac
  fi
  say "owner $1 $u ${g:--}"
}

look_at_file() { # N PATH
  find_path "$2" || fail "${why:-${root%/}/$2 cannot be read: log in as root, or use --sudo}"
  say "file $1 $k $m $u $g $s"
}

look_at_folder() { # N PATH
  if enter "$2"; then
    say "folder $1 folder $(stat -c '%a %u %g %d' .)"
  else
    [ -z "$why" ] || fail "$why"
    say "folder $1 - - - - -"
  fi
}

begin() { # ID
  mkdir "$state/stage-$1" "$state/kept-$1"
  own=$1 id=$1 lines=0
  echo "sealock-journal 1 $1" > "$state/draft-$1"
}

line() { # ENTRY
  echo "$1" >> "$state/draft-$id" || fail "the journal could not be written"
  lines=$((lines + 1))
}

stage_failed() { fail "${why:-$path could not be staged${1:+: $1}}"; }

# staged KIND MODE UID GID SHA256: gives the new file its mode and owner, and checks it
staged() {
  if [ "$1" = file ]; then
    [ "$3" = - ] || chown "$3:$4" "./$waits" || stage_failed "only root can give files away, so log in as root or use --sudo"
    chmod "$2" "./$waits" || stage_failed
  fi
  look "$waits" && meets "$@" || stage_failed "it reads back as something else"
}

put() { # N DEPTH MODE UID GID SHA256 PATH CONTENT
  n=$1 depth=$2 path=$7
  go_to_staged || stage_failed
  # Without clobbering: what somebody has put there is not followed. echo is part of every shell, so no process sees it.
  (set -C; echo "$8" | base64 -d > "./$waits") || stage_failed
  staged file "$3" "$4" "$5" "$6"
}

reuse() { # N DEPTH KIND MODE UID GID SHA256 FORMER-ID FORMER-N PATH
  n=$1 depth=$2 path=${10}
  go_to_staged || stage_failed
  cp -pP "$state/kept-$8/$9" "./$waits" || stage_failed
  staged "$3" "$4" "$5" "$6" "$7"
}

keep_old() {
  find_path "$path" || return 1
  if [ "$type" = folder ] && [ "$k" = link ]; then
    enter "$path" && look .
  fi
  if ! meets "$bk" "$bm" "$bu" "$bg" "$bs"; then
    why="$path has been changed by somebody else just now: try again"
    return 1
  fi
  [ "$kept" != - ] || return 0
  cp -pP "./$name" "$state/kept-$id/$n" || return 1
  cd -P "$state/kept-$id" && look "$n" && meets "$bk" "$bm" "$bu" "$bg" "$bs"
}

# go complete LINES: all has arrived, so the change can be made
go() {
  [ "${1:-}" = complete ] && [ "${2:-}" = "$lines" ] || fail "the connection broke before all had arrived"
  lock || fail "$busy"
  recover || fail "an interrupted change could neither be completed nor undone: ${why:-see the message above}"
  each keep_old "$state/draft-$own" || fail "${why:-the old $path could not be kept}"
  each can_complete "$state/draft-$own" || fail "${why:-$path has been taken out of the staging folder: try again}"
  sync
  mv -f "$state/draft-$own" "$state/journal" || fail "the journal could not be written"
  begun=yes
  flush
  if complete_all; then
    commit || { say "unfinished the journal could not be closed"; exit 1; }
    clean || :
    say completed
    return
  fi
  reason=${why:-$path could not be replaced}
  if mv -f "$state/journal" "$state/undo" && undo_all; then
    clean || :
    say "undone $reason"
  else
    say "unfinished $reason"
  fi
  exit 1
}
