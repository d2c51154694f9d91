package doctor_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"stickylab/sim/doctor"
)

// A sound configuration has no findings, whatever its servers are called and
// however many there are: how a few names and addresses happen to hash is no
// fault.
func TestNoFalseAlarms(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	names := []string{"10.1.0.%d:3000", "app-%d:3000", "127.0.0.1:300%d", "im%d.internal:8080", "192.168.7.%d"}
	for _, i := range some([]int{0, 1, 2, 3, 4, 5, 6, 7}) {
		var servers strings.Builder
		n := 2 + random.IntN(7)
		name := names[i%len(names)]
		for k := range n {
			fmt.Fprintf(&servers, "    server "+name, k+1)
			if random.IntN(4) == 0 {
				fmt.Fprintf(&servers, " max_fails=%d fail_timeout=%ds", 1+random.IntN(3), 5+random.IntN(20))
			}
			servers.WriteString(";\n")
		}
		base := []string{"hash $remote_addr consistent;", "hash $binary_remote_addr consistent;", "hash $remote_addr$http_user_agent consistent;"}[random.IntN(3)]
		if random.IntN(3) == 0 {
			base += "\n    sticky cookie srv path=/;"
		}
		conf := "upstream im {\n    " + base + "\n" + servers.String() + `}
server {
    listen 80;
    server_name im.example.com;
    set_real_ip_from 192.0.2.0/24;
    real_ip_header X-Forwarded-For;
    real_ip_recursive on;
    location /socket.io/ {
        proxy_pass http://im;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_read_timeout 1h;
    }
}
`
		if r := examine(t, conf, doctor.Options{Adapter: "redis"}); len(found(r)) > 0 && !slices.Equal(found(r), []string{"restart"}) {
			t.Errorf("%s%s", conf, text(t, r))
		}
	}
}
