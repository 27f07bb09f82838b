// Package child runs upstream's programs: this same file under another argv[0]. Children and not goroutines, because
// upstream's packages keep too much in process-wide variables (feature gates, signal handlers, logging) to share a process.
package child

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"keel.invalid/lookalike/config"
	"keel.invalid/lookalike/logline"
)

// Child is one running program.
type Child struct {
	Name string
	Done chan struct{} // closed when it has ended
	cmd  *exec.Cmd
}

// Start runs a program. It gets no variable of ours: tokens come in such variables. Nor may argv hold a secret.
func Start(name string, args []string) *Child {
	c := &Child{Name: name, Done: make(chan struct{})}
	c.cmd = &exec.Cmd{
		Path: "/proc/self/exe", Args: append([]string{name}, args...), Env: config.Environment(), Stdout: os.Stderr, Stderr: os.Stderr,
		// Its own group: a Ctrl-C is for the parent, which ends its children in the right order.
		SysProcAttr: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true},
	}
	started := make(chan error)
	go func() {
		// The kernel sends Pdeathsig when the THREAD ends that made the child: keep it until the child has ended.
		runtime.LockOSThread()
		err := c.cmd.Start()
		started <- err
		if err == nil {
			_ = c.cmd.Wait()
		}
		close(c.Done)
	}()
	if err := <-started; err != nil {
		logline.Error("start of %s: %v", name, err)
	}
	return c
}

// Stop asks, waits, kills.
func (c *Child) Stop(patience time.Duration) {
	if c == nil || c.cmd.Process == nil {
		return
	}
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.Done:
	case <-time.After(patience):
		logline.Warning("%s did not stop in %s: killed", c.Name, patience)
		_ = c.cmd.Process.Kill()
		<-c.Done
	}
}

// State tells how an ended child ended.
func (c *Child) State() string { return c.cmd.ProcessState.String() }
