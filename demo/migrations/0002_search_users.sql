-- What a search looks at: name, e-mail address, city and country in lower case. The program writes it,
-- because the lower() of SQLite knows ASCII only and the two databases are to find the same users.
ALTER TABLE users ADD COLUMN search TEXT NOT NULL DEFAULT '';
