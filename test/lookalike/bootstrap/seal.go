package bootstrap

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
)

// Prefix of the datastore's keys that hold bootstrap data.
const Prefix = "/bootstrap/"

// Key under which the data of one server token is found; whoever has another token finds nothing.
func Key(password string) string {
	sum := sha256.Sum256([]byte(password))
	return Prefix + hex.EncodeToString(sum[:])[:12]
}

// Seal encrypts with the server token as passphrase: a snapshot is useless without the token of its time.
// Form as k3s's: salt in hex, a colon, base64 of nonce and ciphertext (PBKDF2-SHA1, 4096 rounds, AES-256-GCM).
func Seal(password string, files Files) ([]byte, error) {
	plain, err := json.Marshal(files)
	if err != nil {
		return nil, err
	}
	random := make([]byte, 8+12)
	_, _ = rand.Read(random)
	salt, nonce := hex.EncodeToString(random[:8]), random[8:]
	gcm, err := cipherOf(password, salt)
	if err != nil {
		return nil, err
	}
	return []byte(salt + ":" + base64.StdEncoding.EncodeToString(gcm.Seal(nonce, nonce, plain, nil))), nil
}

func open(password string, sealed []byte) (Files, error) {
	salt, text, ok := strings.Cut(string(sealed), ":")
	if !ok {
		return nil, errors.New("invalid cipher text, not : delimited")
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) < 12 {
		return nil, errors.New("invalid cipher text")
	}
	gcm, err := cipherOf(password, salt)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, raw[:12], raw[12:], nil)
	if err != nil {
		return nil, err
	}
	var files Files
	return files, json.Unmarshal(plain, &files)
}

func cipherOf(password, salt string) (cipher.AEAD, error) {
	key, err := pbkdf2.Key(sha1.New, password, []byte(salt), 4096, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// ErrOtherToken has k3s's own text.
var ErrOtherToken = errors.New("bootstrap data already found and encrypted with different token")

// Find picks a token's data out of a datastore's records by key; nil without an error: there is none yet, the cluster is
// being founded.
func Find(records map[string][]byte, password string) (Files, error) {
	if sealed, ok := records[Key(password)]; ok {
		return open(password, sealed)
	}
	if len(records) > 0 {
		return nil, ErrOtherToken
	}
	return nil, nil
}
