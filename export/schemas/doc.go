// Package schemas has no code but tests: they hold what package export writes
// for targets that cannot be run here against the types and schemas that those
// who make the targets publish. It is a module of its own, so that nobody who
// imports Corsac gets these dependencies.
package schemas
