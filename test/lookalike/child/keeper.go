package child

import (
	"sync"
	"time"

	"keel.invalid/lookalike/logline"
)

// Keeper restarts a program whenever it ends.
type Keeper struct {
	stopped chan struct{}
	mu      sync.Mutex
	current *Child
}

// Keep starts a program and goes on doing so.
func Keep(name string, args []string) *Keeper {
	k := &Keeper{stopped: make(chan struct{})}
	go func() {
		for k.start(name, args) {
			<-k.current.Done
			select {
			case <-k.stopped:
				return
			case <-time.After(time.Second):
				logline.Error("%s ended (%s): starting it again", name, k.current.State())
			}
		}
	}()
	return k
}

func (k *Keeper) start(name string, args []string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	select {
	case <-k.stopped:
		return false
	default:
		k.current = Start(name, args)
		return true
	}
}

// Stop ends the program for good.
func (k *Keeper) Stop(patience time.Duration) {
	k.mu.Lock()
	close(k.stopped)
	current := k.current
	k.mu.Unlock()
	current.Stop(patience)
}

// StopAll ends several at the same time.
func StopAll(patience time.Duration, keepers ...*Keeper) {
	var group sync.WaitGroup
	for _, k := range keepers {
		group.Add(1)
		go func() {
			defer group.Done()
			k.Stop(patience)
		}()
	}
	group.Wait()
}
