package control

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// guard lets in who may ask: with a token whoever has it, without one whoever
// is on this machine and no web page. A browser would send a page's POST here,
// and any page can give this machine a name (DNS rebinding): so the Host must be
// a loopback one, and a request that a page has made is refused.
func guard(h http.Handler, token string) http.Handler {
	secret := sha256.Sum256([]byte(token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if token != "" {
			given, ok := bearer(r)
			sum := sha256.Sum256([]byte(given))
			if subtle.ConstantTimeCompare(sum[:], secret[:]) != 1 || !ok {
				w.Header().Set("WWW-Authenticate", "Bearer")
				fail(w, http.StatusUnauthorized, "the token is missing or wrong: Authorization: Bearer TOKEN")
				return
			}
		} else if !fromHere(r) {
			fail(w, http.StatusForbidden, "without a token only programs of this machine may ask, and no web page")
			return
		}
		h.ServeHTTP(w, r)
	})
}

// bearer returns the token of a request (RFC 6750, section 2.1).
func bearer(r *http.Request) (string, bool) {
	values := r.Header["Authorization"]
	if len(values) != 1 {
		return "", false
	}
	scheme, token, ok := strings.Cut(values[0], " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}

func fromHere(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return Loopback(r.RemoteAddr) && Loopback(r.Host) && r.Header["Origin"] == nil && (site == "" || site == "none")
}

// Loopback reports whether an address, with a port or without, is of this
// machine only.
func Loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(address, "["), "]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

// quoted returns a text of a request for a message.
func quoted(s string) string {
	if len(s) > 60 {
		s = s[:60] + "..."
	}
	return strconv.QuoteToASCII(s)
}
