package demo

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// TestStores asks both databases the same questions.
func TestStores(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		testStore(t, func(*testing.T) string { return "" })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		testStore(t, postgres(t).database)
	})
}

func testStore(t *testing.T, fresh func(*testing.T) string) {
	url := fresh(t)
	s := open(t, url)
	t.Run("pages", func(t *testing.T) { testPages(t, s) })
	t.Run("API", func(t *testing.T) { testAPI(t, s) })
	t.Run("a cancelled request leaves the store usable", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := s.Users(ctx, Query{Items: 1, Page: 1}); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want %v", err, context.Canceled)
		}
		if _, total, err := s.Users(t.Context(), Query{Items: 1, Page: 1}); err != nil || total != Generated {
			t.Errorf("then %d users, %v", total, err)
		}
	})
	t.Run("migrations fail as a whole", func(t *testing.T) { testBrokenMigration(t, fresh(t)) })
	t.Run("a newer schema is refused", func(t *testing.T) { testNewerSchema(t, s) })
	if url != "" {
		t.Run("programs that start at once", func(t *testing.T) { testAtOnce(t, fresh(t)) })
		t.Run("what is there stays", func(t *testing.T) { testReopen(t, fresh(t)) })
		t.Run("the demo runs on it", func(t *testing.T) { testStageOn(t, fresh(t)) })
	}
}

func open(t *testing.T, url string) *Store {
	t.Helper()
	s, err := OpenStore(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func testPages(t *testing.T, s *Store) {
	want := generate()
	for _, tt := range []struct {
		name  string
		query Query
		total int
		ids   []int64 // the first and the last
		count int
	}{
		{"the first page", Query{Items: 10, Page: 1}, 1000, []int64{1, 10}, 10},
		{"the second page", Query{Items: 10, Page: 2}, 1000, []int64{11, 20}, 10},
		{"the last page", Query{Items: 30, Page: 34}, 1000, []int64{991, 1000}, 10},
		{"past the last page", Query{Items: 10, Page: 101}, 1000, nil, 0},
		{"far past it", Query{Items: 100, Page: math.MaxInt}, 1000, nil, 0},
		{"all", Query{Items: 2000, Page: 1}, 1000, []int64{1, 1000}, 1000},
		{"a search", Query{Search: "Łukasz Król", Items: 10, Page: 1}, 1, nil, 1},
		{"without accents, by the address", Query{Search: "lukasz.krol@", Items: 10, Page: 1}, 1, nil, 1},
		{"by country, second page", Query{Search: "KENYA", Items: 50, Page: 2}, 72, nil, 22},
		{"upper case beyond ASCII", Query{Search: "ÉVORA", Items: 100, Page: 1}, 14, nil, 14},
		{"nobody", Query{Search: "nobody of that name", Items: 10, Page: 1}, 0, nil, 0},
		{"a wildcard is a character", Query{Search: "%", Items: 10, Page: 1}, 0, nil, 0},
		{"an underscore is a character", Query{Search: "a_a", Items: 10, Page: 1}, 0, nil, 0},
		{"so is a backslash", Query{Search: `\`, Items: 10, Page: 1}, 0, nil, 0},
		{"SQL is text", Query{Search: `'; DROP TABLE users; --`, Items: 10, Page: 1}, 0, nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page, total, err := s.Users(t.Context(), tt.query)
			if err != nil {
				t.Fatal(err)
			}
			if total != tt.total || len(page) != tt.count {
				t.Fatalf("%d users of %d, want %d of %d", len(page), total, tt.count, tt.total)
			}
			for i, u := range page {
				if u != want[u.ID-1] {
					t.Errorf("user %d is %+v", u.ID, u)
				}
				if i > 0 && u.ID <= page[i-1].ID {
					t.Errorf("id %d after id %d", u.ID, page[i-1].ID)
				}
			}
			if tt.ids != nil && (page[0].ID != tt.ids[0] || page[len(page)-1].ID != tt.ids[1]) {
				t.Errorf("ids %d to %d, want %d to %d", page[0].ID, page[len(page)-1].ID, tt.ids[0], tt.ids[1])
			}
		})
	}
}

func testBrokenMigration(t *testing.T, url string) {
	s, err := connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.migrate(t.Context(), fstest.MapFS{
		"0001_good.sql": {Data: []byte("CREATE TABLE good (id BIGINT)")},
		"0002_bad.sql":  {Data: []byte("CREATE TABLE half (id BIGINT); CREATE TABBLE bad (id BIGINT)")},
	})
	if err == nil || !strings.Contains(err.Error(), "0002_bad.sql") {
		t.Fatalf("error %v, want one that names 0002_bad.sql", err)
	}
	for _, table := range []string{"good", "half", "schema_migrations"} {
		if _, err := s.db.ExecContext(t.Context(), "SELECT * FROM "+table); err == nil {
			t.Errorf("the table %s is left behind", table)
		}
	}
	if err := s.migrate(t.Context(), migrations); err != nil {
		t.Errorf("then the right ones: %v", err)
	}
}

func testNewerSchema(t *testing.T, s *Store) {
	if _, err := s.db.ExecContext(t.Context(), "INSERT INTO schema_migrations (version, name) VALUES (3, 'later.sql')"); err != nil {
		t.Fatal(err)
	}
	defer s.db.ExecContext(t.Context(), "DELETE FROM schema_migrations WHERE version = 3")
	err := s.migrate(t.Context(), migrations)
	if want := "the database is at version 3, this program knows 2"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
}

func testAtOnce(t *testing.T, url string) {
	var group sync.WaitGroup
	stores := make([]*Store, 4)
	errs := make([]error, len(stores))
	for i := range stores {
		group.Go(func() { stores[i], errs[i] = OpenStore(t.Context(), url) })
	}
	group.Wait()
	for i, s := range stores {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		if _, total, err := s.Users(t.Context(), Query{Items: 1, Page: 1}); err != nil || total != Generated {
			t.Errorf("%d users, %v", total, err)
		}
		s.Close()
	}
}

func testReopen(t *testing.T, url string) {
	first := open(t, url)
	if _, err := first.db.ExecContext(t.Context(), "DELETE FROM users WHERE id > 10"); err != nil {
		t.Fatal(err)
	}
	if _, total, err := open(t, url).Users(t.Context(), Query{Items: 5, Page: 1}); err != nil || total != 10 {
		t.Errorf("%d users, %v: want the 10 that were left", total, err)
	}
}

func testStageOn(t *testing.T, url string) {
	s := performOn(t, url, nil)
	res, _ := fetch(t, "GET", s.gateway.url+"/users", "Authorization: Bearer "+Token)
	if total := res.Header.Get("TotalItemsCount"); total != "1000" || s.store.String() != "PostgreSQL" {
		t.Errorf("%s has %s users", s.store, total)
	}
}

func TestOpenStoreErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, url, want string }{
		{"another database", "mysql://root:hunter2@localhost/x", `cannot use a database of scheme "mysql"`},
		{"no URL", "users hunter2", "the database is no URL"},
		{"a bad port", "postgres://demo:hunter2@127.0.0.1:http/x", "invalid port"},
		{"nobody listens", "postgres://demo:hunter2@127.0.0.1:1/x?sslmode=disable", "PostgreSQL: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := OpenStore(t.Context(), tt.url)
			if err == nil {
				s.Close()
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %q shows the password", err)
			}
		})
	}
}

func TestReadMigrations(t *testing.T) {
	t.Parallel()
	all, err := readMigrations(migrations)
	if err != nil || len(all) != 2 || all[0].name != "0001_create_users.sql" {
		t.Errorf("the embedded migrations: %v, %v", all, err)
	}
	for _, tt := range []struct {
		name  string
		files []string
		want  string
	}{
		{"a gap", []string{"0001_a.sql", "0003_c.sql"}, `migration "0003_c.sql": want number 0002 here`},
		{"twice", []string{"0001_a.sql", "0001_b.sql"}, `migration "0001_b.sql": want number 0002 here`},
		{"another name", []string{"create.sql"}, `migration "create.sql": want a name like 0001_create_users.sql`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := fstest.MapFS{}
			for _, name := range tt.files {
				files[name] = &fstest.MapFile{}
			}
			if _, err := readMigrations(files); fmt.Sprint(err) != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}
