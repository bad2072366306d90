#!/usr/bin/env bash
# backup: database(s) and artifacts as one tar on stdout.  restore: the same from stdin.
# dump: the database alone, dated, into a volume (before an upgrade).
# Runs in the postgres image, whose data folder is a volume that any user may write: the staging room.
set -euo pipefail
stage=/var/lib/postgresql/data store=/mlflow/artifacts
export PGHOST=postgres PGUSER=silta PGPASSWORD=${POSTGRES_PASSWORD:-}
[ ! -s /run/secrets/postgres_password ] || PGPASSWORD=$(< /run/secrets/postgres_password)
say() { echo "silta: $*" >&2; }
there() { [ "$(psql -XAtd postgres -c "select 1 from pg_database where datname = '$1'")" = 1 ]; }

backup() { # The database first: what it knows was in the store before, so nothing it names is missing.
  local one rc=0
  [ ! -t 1 ] || { say "send the archive to a file: run --rm -T backup > silta.tar"; exit 2; }
  mkdir "$stage/silta"
  for one in mlflow mlflow_auth; do
    ! there $one || pg_dump -Fc -d $one -f "$stage/silta/$one.dump"
  done
  ( cd "$stage/silta" && sha256sum ./*.dump > SHA256SUMS )
  # 1: a file grew while it was read. `silta publish --all` sends what is not whole.
  tar -cf - --exclude artifacts/.restoring -C "$stage" silta -C /mlflow artifacts || rc=$?
  [ $rc -le 1 ] || exit $rc
  say "saved $(ls "$stage/silta" | grep -c dump) database(s) and $(find $store -type f | wc -l) artifacts"
}

restore() { # Beside what is there, and put in its place once all of it was read.
  local new=$store/.restoring one
  if [ "$(psql -XAtd postgres -c "select count(*) from pg_stat_activity where datname like 'mlflow%'")" != 0 ]; then
    say "something uses the database: docker compose stop mlflow dashboard"; exit 2
  fi
  rm -rf "$new"; mkdir "$new"
  tar -xf - -C "$new" && [ -d "$new/artifacts" ] && ( cd "$new/silta" && sha256sum -c --quiet SHA256SUMS ) ||
    { rm -rf "$new"; say "this is no whole archive of Silta; nothing was changed"; exit 2; }
  for one in "$new"/silta/*.dump; do
    one=$(basename "$one" .dump)
    dropdb --if-exists "${one}_new"; createdb "${one}_new"
    pg_restore --exit-on-error --no-owner -d "${one}_new" "$new/silta/$one.dump"
  done
  for one in "$new"/silta/*.dump; do
    one=$(basename "$one" .dump)
    dropdb --if-exists "$one"
    psql -Xqd postgres -c "alter database ${one}_new rename to $one"
  done
  find "$store" -mindepth 1 -maxdepth 1 ! -name .restoring -exec rm -rf {} +
  find "$new/artifacts" -mindepth 1 -maxdepth 1 -exec mv -t "$store" {} +
  rm -rf "$new"
  say "restored; start again: docker compose up --wait"
}

dump() {
  local file; file=$stage/mlflow-$(date -u +%Y%m%dT%H%M%SZ).dump
  pg_dump -Fc -d mlflow -f "$file"
  say "the database is saved as $(basename "$file") in the volume dumps"
}

case ${1:-} in backup | restore | dump) "$1" ;; *) say "backup | restore | dump"; exit 2 ;; esac
