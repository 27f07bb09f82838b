// Package selfextract makes one program that carries another, compressed, as k3s does: what is pushed to a host is a fifth of
// what runs there. Layout: launcher, the program as one zstd frame, its SHA-256, the frame's length, a mark.
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

// Pack writes the launcher followed by the program to out.
func Pack(out io.Writer, launcher io.Reader, program []byte) error {
	if _, err := io.Copy(out, launcher); err != nil {
		return err
	}
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBetterCompression))
	if err != nil {
		return err
	}
	frame := encoder.EncodeAll(program, nil)
	hash := sha256.Sum256(program)
	trailer := binary.BigEndian.AppendUint64(hash[:], uint64(len(frame)))
	_, err = out.Write(append(append(frame, trailer...), mark...))
	return err
}

// Extract makes sure that the program carried by the file self lies under directory, in a folder named by its hash, and returns
// its path. It appears whole or not at all, and `current` then leads to its folder. What lies there already is not read again.
func Extract(self, directory string) (string, error) {
	file, err := os.Open(self)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash, frame, err := payload(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", self, err)
	}
	folder := filepath.Join(directory, hash)
	program := filepath.Join(folder, "bin", "k3s")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	temporary, err := extractBeside(folder, hash, frame)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temporary)
	if err := os.Rename(temporary, folder); err != nil && !errors.Is(err, os.ErrExist) { // another process was first
		return "", err
	}
	return program, lead(filepath.Join(directory, "current"), folder)
}

func payload(file *os.File) (string, io.Reader, error) {
	info, err := file.Stat()
	if err != nil {
		return "", nil, err
	}
	end := info.Size() - trailerSize
	trailer := make([]byte, trailerSize)
	if _, err := file.ReadAt(trailer, max(end, 0)); err != nil || !bytes.HasSuffix(trailer, mark) {
		return "", nil, errors.New("carries no program")
	}
	length := int64(binary.BigEndian.Uint64(trailer[sha256.Size:]))
	if length < 0 || length > end {
		return "", nil, errors.New("is cut off")
	}
	return hex.EncodeToString(trailer[:sha256.Size]), io.NewSectionReader(file, end-length, length), nil
}

func extractBeside(folder, hash string, frame io.Reader) (string, error) {
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return "", err
	}
	temporary, err := os.MkdirTemp(filepath.Dir(folder), ".extracting-")
	if err != nil {
		return "", err
	}
	err = errors.Join(os.Chmod(temporary, 0o755), os.Mkdir(filepath.Join(temporary, "bin"), 0o755))
	if err == nil {
		err = extractTo(filepath.Join(temporary, "bin", "k3s"), hash, frame)
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
