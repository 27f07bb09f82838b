// Package selfextract makes one program that carries others, compressed, as k3s does: what is pushed to a host is a fifth of
// what runs there. Layout: launcher, and for each program one zstd frame, its SHA-256, the frame's length, a mark.
package selfextract

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

var mark = []byte("k3s look-alike\n\x00")

const trailerSize = sha256.Size + 8 + 16

// Names of the programs, in the order in which they are packed. kubectl has one of its own, because it starts a hundred times
// an hour, and one with all of Kubernetes in it needs twice the time to start.
var Names = []string{"k3s", "kubectl"}

// Pack writes the launcher followed by the programs to out.
func Pack(out io.Writer, launcher io.Reader, programs ...[]byte) error {
	if _, err := io.Copy(out, launcher); err != nil {
		return err
	}
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBetterCompression))
	if err != nil {
		return err
	}
	for _, program := range programs {
		frame := encoder.EncodeAll(program, nil)
		hash := sha256.Sum256(program)
		trailer := binary.BigEndian.AppendUint64(hash[:], uint64(len(frame)))
		if _, err := out.Write(append(append(frame, trailer...), mark...)); err != nil {
			return err
		}
	}
	return nil
}

// Extract makes sure that the programs carried by the file self lie under directory, in a folder named by the hash of the
// first, and returns the path of the one with that name. They appear whole or not at all, and `current` then leads to their
// folder. What lies there already is not read again.
func Extract(self, directory, name string) (string, error) {
	file, err := os.Open(self)
	if err != nil {
		return "", err
	}
	defer file.Close()
	carried, err := payloads(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", self, err)
	}
	folder := filepath.Join(directory, carried[0].hash)
	program := filepath.Join(folder, "bin", name)
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	temporary, err := extractBeside(folder, carried)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temporary)
	if err := os.Rename(temporary, folder); err != nil && !errors.Is(err, os.ErrExist) { // another process was first
		return "", err
	}
	return program, lead(filepath.Join(directory, "current"), folder)
}

type payload struct {
	hash  string
	frame io.Reader
}

// payloads are read from the end, where the last one is.
func payloads(file *os.File) ([]payload, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	carried, end := make([]payload, len(Names)), info.Size()
	for at := len(Names) - 1; at >= 0; at-- {
		end -= trailerSize
		trailer := make([]byte, trailerSize)
		if _, err := file.ReadAt(trailer, max(end, 0)); err != nil || !bytes.HasSuffix(trailer, mark) {
			return nil, fmt.Errorf("carries no %s", Names[at])
		}
		length := int64(binary.BigEndian.Uint64(trailer[sha256.Size:]))
		if length < 0 || length > end {
			return nil, errors.New("is cut off")
		}
		end -= length
		carried[at] = payload{hex.EncodeToString(trailer[:sha256.Size]), io.NewSectionReader(file, end, length)}
	}
	return carried, nil
}

func extractBeside(folder string, carried []payload) (string, error) {
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return "", err
	}
	temporary, err := os.MkdirTemp(filepath.Dir(folder), ".extracting-")
	if err != nil {
		return "", err
	}
	err = errors.Join(os.Chmod(temporary, 0o755), os.Mkdir(filepath.Join(temporary, "bin"), 0o755))
	for at, name := range Names {
		if err == nil {
			err = extractTo(filepath.Join(temporary, "bin", name), carried[at].hash, carried[at].frame)
		}
	}
	if err != nil {
		os.RemoveAll(temporary)
	}
	return temporary, err
}

func extractTo(path, hash string, frame io.Reader) error {
	decoder, err := zstd.NewReader(frame)
	if err != nil {
		return err
	}
	defer decoder.Close()
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	found := sha256.New()
	_, err = decoder.WriteTo(io.MultiWriter(out, found))
	if err == nil && hex.EncodeToString(found.Sum(nil)) != hash {
		err = errors.New("the program that it carries is damaged")
	}
	return errors.Join(err, out.Close())
}

func lead(link, folder string) error {
	temporary := folder + ".link"
	_ = os.Remove(temporary)
	if err := os.Symlink(folder, temporary); err != nil {
		return err
	}
	return os.Rename(temporary, link)
}
