package token

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
)

// Hash of a cluster's server CA, as in a token (measured). One certificate: the bytes of the file exactly as /cacerts serves
// them, so that a comment line changes it. A chain: the DER of the root, which comes last.
func Hash(caPEM []byte) string {
	var certificates [][]byte
	for rest := caPEM; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		certificates = append(certificates, block.Bytes)
	}
	sum := sha256.Sum256(caPEM)
	if len(certificates) > 1 {
		sum = sha256.Sum256(certificates[len(certificates)-1])
	}
	return hex.EncodeToString(sum[:])
}
