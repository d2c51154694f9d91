package doctor_test

import (
	"net/netip"
	"slices"
	"testing"

	"stickylab/sim/doctor"
)

// What only a proxy in front would break counts only when the options or the text
// show that there is one.
func TestAProxyInFrontIsNotAssumed(t *testing.T) {
	const server = "server { listen 80; "
	const rest = "location / { proxy_pass http://im; " + headers + " } }\n"
	byAddress := "upstream im { hash $remote_addr consistent; server 10.0.0.1:1; server 10.0.0.2:1; }\n"
	type file struct {
		name, text string
		o          doctor.Options
		finds      []string
	}
	for _, c := range some([]file{
		{"nothing shows it", byAddress + server + rest, doctor.Options{}, []string{"behind?"}},
		{"only the log format reads it", "http { log_format main '$remote_addr $http_x_forwarded_for';\n" + byAddress + server + rest + "}", doctor.Options{}, []string{"behind?"}},
		{"--front", byAddress + server + rest, doctor.Options{Front: netip.MustParseAddr("198.51.100.10")}, []string{"behind"}},
		{"a map of the header", "map $http_x_real_ip $x { default 1; }\n" + byAddress + server + rest, doctor.Options{}, []string{"behind"}},
		{"another front than the trusted one", byAddress + server + "set_real_ip_from 10.7.0.0/16; real_ip_header X-Forwarded-For; " + rest,
			doctor.Options{Front: netip.MustParseAddr("198.51.100.10")}, []string{"behind"}},
		{"the trusted one", byAddress + server + "set_real_ip_from 10.7.0.0/16; real_ip_header X-Forwarded-For; " + rest,
			doctor.Options{Front: netip.MustParseAddr("10.7.1.1")}, nil},
		{"one on the same machine", byAddress + server + "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For; " + rest, doctor.Options{}, nil},
		{"one on the machine of a node", byAddress + server + "set_real_ip_from 10.0.0.2; real_ip_header X-Real-IP; " + rest, doctor.Options{}, nil},
		{"one on the machine of a node, which nothing trusts", byAddress + server + rest, doctor.Options{Front: netip.MustParseAddr("10.0.0.2")}, []string{"behind"}},
		{"one in the network of the nodes", byAddress + server + "set_real_ip_from 10.0.0.0/30; real_ip_header X-Forwarded-For; " + rest,
			doctor.Options{Front: netip.MustParseAddr("10.0.0.1")}, nil},
		{"IPv6 only", byAddress + server + "set_real_ip_from 2400:cb00::/32; real_ip_header CF-Connecting-IP; " + rest, doctor.Options{}, nil},
	}) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.o.Adapter = "redis"
			r := examine(t, c.text, c.o.Only("behind"))
			if got := found(r); !slices.Equal(got, c.finds) && len(got)+len(c.finds) > 0 {
				t.Errorf("found %q, want %q\n%s", got, c.finds, text(t, r))
			}
			want := doctor.Works
			if slices.Contains(c.finds, "behind") {
				want = doctor.Costly
			}
			if r.Verdict() != want {
				t.Errorf("verdict %q, want %q", r.Verdict(), want)
			}
			for _, f := range r.Sites[0].Findings {
				if f.Fix == nil {
					t.Errorf("%s has no fix", f.ID)
				}
			}
		})
	}
}
