// Package logline writes log lines in the shape of k3s's own (logrus's text format).
package logline

import (
	"fmt"
	"os"
	"time"
)

func Info(format string, a ...any)    { write("info", format, a...) }
func Warning(format string, a ...any) { write("warning", format, a...) }
func Error(format string, a ...any)   { write("error", format, a...) }

// Fatal is for errors found before the start: k3s exits 1 on those, and 0 on all later ones (measured).
func Fatal(format string, a ...any) {
	write("fatal", format, a...)
	os.Exit(1)
}

func write(level, format string, a ...any) {
	fmt.Fprintf(os.Stderr, "time=%q level=%s msg=%q\n", time.Now().UTC().Format(time.RFC3339), level, fmt.Sprintf(format, a...))
}
