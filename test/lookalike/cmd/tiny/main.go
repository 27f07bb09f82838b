// tiny is the lab's one container program: static, a few modes, nothing of Kubernetes in it.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	args := append(os.Args[1:], "", "")
	switch args[0] {
	case "pause":
		pause()
	case "serve":
		serve(args[1])
	case "echo":
		fmt.Println(strings.Join(os.Args[2:], " "))
	case "env":
		for _, e := range os.Environ() {
			fmt.Println(e)
		}
	case "cat":
		content, err := os.ReadFile(args[1])
		check(err)
		_, err = os.Stdout.Write(content)
		check(err)
	case "get":
		get(args[1])
	case "sleep":
		sleep(args[1])
	case "fail":
		os.Exit(3)
	default:
		fmt.Fprintln(os.Stderr, "usage: tiny pause | serve ADDR | echo … | env | cat FILE | get URL | sleep SECONDS | fail")
		os.Exit(2)
	}
}

// pause holds a Pod's namespaces. Orphans of the Pod become its children where it is PID 1: reap them.
func pause() {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGCHLD)
	for s := range signals {
		if s != syscall.SIGCHLD {
			return
		}
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
}

// serve answers `hello from <Pod>` and ends on SIGTERM with exit 0.
func serve(address string) {
	if address == "" {
		address = ":8080"
	}
	host, err := os.Hostname()
	check(err)
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "hello from", host)
		fmt.Println("request", r.RemoteAddr, r.URL)
	})
	go func() {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
		fmt.Println("got", <-signals)
		os.Exit(0)
	}()
	fmt.Println("tiny serves on", address)
	check(http.ListenAndServe(address, nil))
}

func get(url string) {
	client := http.Client{Timeout: 3 * time.Second}
	response, err := client.Get(url)
	check(err)
	defer response.Body.Close()
	_, err = io.Copy(os.Stdout, response.Body)
	check(err)
	if response.StatusCode >= 400 {
		os.Exit(1)
	}
}

// sleep takes seconds or a Go duration; `inf` and nothing sleep for ever.
func sleep(text string) {
	if text == "" || text == "inf" || text == "infinity" {
		pause()
		return
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		d, err = time.ParseDuration(text + "s")
	}
	check(err)
	time.Sleep(d)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
