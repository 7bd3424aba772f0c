//go:build tools

// Package linters pins actionlint: go.mod names its exact version, go.sum what every module of it must hash to.
package linters

import _ "github.com/rhysd/actionlint/cmd/actionlint"
