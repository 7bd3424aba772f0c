//go:build tools

// Package engine pins the Pulumi CLI: go.mod names its exact version, go.sum what every module of it must hash to.
package engine

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
