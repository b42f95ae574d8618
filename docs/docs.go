// Package docs holds the pages that the command shows by itself.
package docs

import "embed"

// Explain has one page for each diagnosis of explain, explain/<code>.md.
//
//go:embed explain/*.md
var Explain embed.FS
