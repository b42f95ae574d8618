package demo

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
)

//go:embed migrations/*.sql
var embedded embed.FS

var migrations = sub(embedded, "migrations")

func sub(files fs.FS, dir string) fs.FS {
	below, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // dir is a constant
	}
	return below
}

// A migration is one file NNNN_what_it_does.sql. It is never changed once released: a later one follows.
type migration struct {
	version int
	name    string
	sql     string
}

var migrationName = regexp.MustCompile(`^([0-9]{4})_[a-z0-9_]+\.sql$`)

// readMigrations reads the files in the order of their numbers, which are 1, 2, 3 and so on: a gap or
// a number given twice is the mark of a merge gone wrong.
func readMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "*.sql") // in order
	if err != nil {
		return nil, err
	}
	var all []migration
	for i, name := range names {
		m := migrationName.FindStringSubmatch(path.Base(name))
		if m == nil {
			return nil, fmt.Errorf("migration %q: want a name like 0001_create_users.sql", name)
		}
		version, _ := strconv.Atoi(m[1])
		if version != i+1 {
			return nil, fmt.Errorf("migration %q: want number %04d here", name, i+1)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		all = append(all, migration{version, name, string(text)})
	}
	return all, nil
}

// migrate applies the migrations that the database has not seen and fills an empty table of users, all
// in one transaction: it happens as a whole or not at all. Of several programs that start at once, one
// does the work and the others wait for it.
func (s *Store) migrate(ctx context.Context, files fs.FS) error {
	all, err := readMigrations(files)
	if err != nil {
		return err
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	if err := s.prepare(ctx, tx); err != nil {
		return err
	}
	if err := apply(ctx, tx, all); err != nil {
		return err
	}
	if err := seed(ctx, tx); err != nil {
		return fmt.Errorf("generating the users: %w", err)
	}
	return tx.Commit()
}

// migrationLock is the name of the advisory lock, an arbitrary number: "corsac" in ASCII.
const migrationLock = 0x636f72736163

// prepare makes this transaction the only one that migrates, and the table of what has been done.
// CREATE … IF NOT EXISTS alone is no lock in PostgreSQL: of two at once, one fails.
func (s *Store) prepare(ctx context.Context, tx *sql.Tx) error {
	if s.kind == "PostgreSQL" { // SQLite's transaction is immediate, and alone by that
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrationLock)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "CREATE SCHEMA IF NOT EXISTS "+schema); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_migrations (
		version    INTEGER PRIMARY KEY,
		name       TEXT NOT NULL,
		applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)`)
	return err
}

func apply(ctx context.Context, tx *sql.Tx, all []migration) error {
	var done int
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) FROM schema_migrations").Scan(&done); err != nil {
		return err
	}
	if done > len(all) {
		return fmt.Errorf("the database is at version %d, this program knows %d: use a newer corsac or another database", done, len(all))
	}
	for _, m := range all[done:] {
		if _, err := tx.ExecContext(ctx, m.sql); err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO schema_migrations (version, name) VALUES ($1, $2)", m.version, m.name); err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
	}
	return nil
}
