package doctor_test

import (
	"context"
	"fmt"

	"stickylab/sim/doctor"
)

func ExampleExamine() {
	const conf = `server {
    listen 80;
    location /socket.io/ {
        proxy_pass http://127.0.0.1:3000;
    }
}
`
	report, problems, err := doctor.Examine(context.Background(), conf, doctor.Options{Source: "nginx.conf"})
	if err != nil || len(problems) > 0 {
		fmt.Println(err, problems)
		return
	}
	fmt.Println(report.Verdict())
	for _, f := range report.Sites[0].Findings {
		fmt.Printf("%s, line %d: %s\n", f.Title, f.Cause.Line, f.Fix.Summary)
		fmt.Print(f.Fix.Diff)
	}
	// Output:
	// breaks
	// WebSockets do not get through, line 4: pass the Upgrade request on
	// --- nginx.conf
	// +++ nginx.conf	(fixed)
	// @@ -2,5 +2,8 @@
	//      listen 80;
	//      location /socket.io/ {
	//          proxy_pass http://127.0.0.1:3000;
	// +        proxy_http_version 1.1;
	// +        proxy_set_header Upgrade $http_upgrade;
	// +        proxy_set_header Connection "upgrade";
	//      }
	//  }
}
