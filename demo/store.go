package demo

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	// Chosen by measurement among the SQLite drivers without cgo. A program that opens a database,
	// go run for the first time on two cores with an empty build cache: 23.6 s with ncruces/go-sqlite3
	// v0.36.0, 25.4 s with modernc.org/sqlite v1.61.1; with cold module cache too 23.3 s and 27.1 s, and
	// 23 MB of modules beside 300 MB; with -race 21.7 s and 34.6 s.
	_ "github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/vfs/memdb"
)

// A Store keeps the users, in SQLite or in PostgreSQL. The statements are the same for both.
type Store struct {
	db    *sql.DB
	kind  string // "SQLite" or "PostgreSQL"
	close func()
}

// schema is where the tables are in PostgreSQL, apart from all that the database holds besides.
const schema = "corsac_demo"

// OpenStore opens the database at the URL, postgres://…, or a new SQLite database in memory when url is
// empty, and brings it up to date.
func OpenStore(ctx context.Context, url string) (*Store, error) {
	s, err := connect(url)
	if err != nil {
		return nil, err
	}
	if err := s.migrate(ctx, migrations); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", s.kind, err), s.Close())
	}
	return s, nil
}

func connect(url string) (*Store, error) {
	switch scheme, _, _ := strings.Cut(url, ":"); {
	case url == "":
		return connectSQLite()
	case scheme == "postgres", scheme == "postgresql":
		return connectPostgres(url)
	case strings.Contains(url, "://"):
		return nil, fmt.Errorf("cannot use a database of scheme %q: give postgres://USER@HOST/DATABASE, or nothing for SQLite", scheme)
	}
	// Not shown: it may hold a password.
	return nil, errors.New("the database is no URL: give postgres://USER@HOST/DATABASE, or nothing for SQLite")
}

var memories atomic.Int64

// connectSQLite makes a database in memory: nothing is left behind, even by a kill.
func connectSQLite() (*Store, error) {
	name := fmt.Sprintf("/corsac-demo-%d", memories.Add(1))
	memdb.Create(name, nil) // lives until Delete, whatever becomes of the connections
	forget := func() { memdb.Delete(name) }
	db, err := sql.Open("sqlite3", "file:"+name+"?vfs=memdb&_txlock=immediate")
	if err != nil {
		forget()
		return nil, err
	}
	return &Store{db: db, kind: "SQLite", close: forget}, nil
}

func connectPostgres(url string) (*Store, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err // without the password, pgx sees to that
	}
	config.RuntimeParams["search_path"] = schema
	config.RuntimeParams["application_name"] = cmp.Or(config.RuntimeParams["application_name"], "corsac demo")
	config.ConnectTimeout = cmp.Or(config.ConnectTimeout, 10*time.Second)
	return &Store{db: stdlib.OpenDB(*config), kind: "PostgreSQL", close: func() {}}, nil
}

// Close closes the database. One in memory is gone then.
func (s *Store) Close() error {
	defer s.close()
	return s.db.Close()
}

// String names the database: "SQLite" or "PostgreSQL".
func (s *Store) String() string { return s.kind }

// A Query asks for one page of the users that a search finds.
type Query struct {
	Search string // in name, e-mail address, city or country; everybody when empty
	Items  int    // on a page
	Page   int    // from 1
}

// One statement sees one state of the database, so the total belongs to the page. The outer join keeps
// the total when the page is past the last.
const selectPage = `
SELECT t.total, u.id, u.name, u.email, u.city, u.country, u.joined
FROM (SELECT count(*) AS total FROM users WHERE search LIKE $1 ESCAPE '\') t
LEFT JOIN (
    SELECT id, name, email, city, country, joined FROM users
    WHERE search LIKE $1 ESCAPE '\' ORDER BY id LIMIT $2 OFFSET $3
) u ON TRUE
ORDER BY u.id`

// Users returns the page asked for, ordered by id, and how many users the search finds in all.
func (s *Store) Users(ctx context.Context, q Query) (page []User, total int, err error) {
	rows, err := s.db.QueryContext(ctx, selectPage, containing(q.Search), int64(q.Items), offset(q))
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	page = []User{} // JSON's [], not null
	for rows.Next() {
		var id sql.Null[int64]
		var name, email, city, country sql.Null[string]
		var joined sql.Null[time.Time]
		if err := rows.Scan(&total, &id, &name, &email, &city, &country, &joined); err != nil {
			return nil, 0, err
		}
		if id.Valid {
			page = append(page, User{id.V, name.V, email.V, city.V, country.V, joined.V.Format(time.DateOnly)})
		}
	}
	return page, total, rows.Err()
}

func offset(q Query) int64 {
	if q.Page <= 1 {
		return 0
	}
	if over := int64(q.Page - 1); q.Items > 0 && over > math.MaxInt64/int64(q.Items) {
		return math.MaxInt64
	}
	return int64(q.Page-1) * int64(q.Items)
}

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// containing is the LIKE pattern of the texts that contain s.
func containing(s string) string {
	return "%" + likeEscape.Replace(strings.ToLower(s)) + "%"
}

const insertUser = `
INSERT INTO users (id, name, email, city, country, joined, search) VALUES ($1, $2, $3, $4, $5, $6, $7)`

// seed fills an empty table with the generated users.
func seed(ctx context.Context, tx *sql.Tx) error {
	var some bool
	if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM users)").Scan(&some); err != nil || some {
		return err
	}
	insert, err := tx.PrepareContext(ctx, insertUser)
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, u := range generate() {
		search := strings.ToLower(strings.Join([]string{u.Name, u.Email, u.City, u.Country}, "\n"))
		if _, err := insert.ExecContext(ctx, u.ID, u.Name, u.Email, u.City, u.Country, u.Joined, search); err != nil {
			return err
		}
	}
	return nil
}
