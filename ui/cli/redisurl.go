package cli

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"

	"stickylab/cluster"
)

// parseRedis reads the URL of a Redis: redis://[[USER]:PASSWORD@]HOST[:PORT],
// or rediss:// for TLS. A password that is not in it is taken from the
// environment. ca is a file of certificates to trust, "" for the
// system's. Without a URL there is no address.
func parseRedis(text, ca string) (address string, access *cluster.RedisAccess, err error) {
	if text == "" {
		return "", nil, nil
	}
	u, err := url.Parse(text)
	if err != nil { // its text may hold the password
		return "", nil, errors.New("--redis is no URL such as redis://127.0.0.1:6379")
	}
	switch {
	case u.Scheme != "redis" && u.Scheme != "rediss":
		return "", nil, fmt.Errorf("--redis begins with %q, not with redis:// or rediss://", u.Scheme)
	case u.Hostname() == "":
		return "", nil, fmt.Errorf("--redis %s lacks the host", u.Redacted())
	case u.RawQuery != "" || u.Fragment != "":
		return "", nil, fmt.Errorf("--redis %s: nothing may follow the host and the port", u.Redacted())
	case u.Path != "" && u.Path != "/" && u.Path != "/0":
		return "", nil, fmt.Errorf("--redis %s: pub/sub has no databases", u.Redacted())
	case ca != "" && u.Scheme != "rediss":
		return "", nil, errors.New("--redis-ca goes with rediss://")
	}
	access = new(cluster.RedisAccess)
	access.Username = u.User.Username()
	var given bool
	if access.Password, given = u.User.Password(); !given {
		access.Password = os.Getenv("STICKYLAB_REDIS_PASSWORD")
	}
	if u.Scheme == "rediss" {
		access.TLS = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
		if ca != "" {
			if access.TLS.RootCAs, err = certificates(ca); err != nil {
				return "", nil, err
			}
		}
	}
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "6379")), access, nil
}

// certificates reads a file of them.
func certificates(path string) (*x509.CertPool, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: no certificate in it (PEM)", path)
	}
	return pool, nil
}
