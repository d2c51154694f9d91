//go:build !race

package doctor_test

import (
	"context"
	"fmt"

	"stickylab/sim/doctor"
)

// What an nginx.conf breaks, the line that causes it, and the fix that was tried.
func ExampleExamine() {
	report, problems, err := doctor.Examine(context.Background(), `
upstream im { ip_hash; server 127.0.0.1:3030; server 127.0.0.1:5080; }
server { listen 80; location / { proxy_pass http://im; } }`, doctor.Options{})
	if err != nil || len(problems) > 0 {
		panic(fmt.Sprint(err, problems))
	}
	for _, f := range report.Sites[0].Findings {
		fmt.Println(f.Grade, f.ID, f.Lesson, f.Fix != nil)
	}
	// Output:
	// breaks upgrade silent-polling true
	// breaks office same-slash24 true
	// costs scale consistent-hash true
	// if behind behind-a-cdn true
}
