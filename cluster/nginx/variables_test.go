package nginx

import (
	"os"
	"slices"
	"strings"
	"testing"

	"stickylab/cluster/nginx/syntax"
)

// TestVariablesOfNginx promises that every variable that nginx defines is known, and that
// one whose value the proxy does not have is named as not simulated where it is used.
func TestVariablesOfNginx(t *testing.T) {
	data, err := os.ReadFile("testdata/variables.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		_, name, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if strings.HasSuffix(name, "_") {
			name += "x"
		}
		all = append(all, name)
		known, has := httpVariables.find(name)
		c, problems := Parse("upstream im { server a:1; }\nserver { location / { proxy_pass http://im; proxy_set_header X $"+name+"; } }", "1.31.5")
		named := slices.ContainsFunc(c.Notes, func(n syntax.Problem) bool { return n.Code == NotSimulated && n.Subject == "$"+name })
		if !known || len(problems) > 0 || has == named {
			t.Errorf("$%s: known %v, has a value %v, named as not simulated %v, %v", name, known, has, named, problems)
		}
	}
	if len(all) < 140 {
		t.Errorf("the table has %d variables", len(all))
	}
	for name := range httpVariables.names {
		if !slices.Contains(all, name) && !slices.Contains(ofOtherBuilds, name) {
			t.Errorf("no nginx has $%s", name)
		}
	}
}

// ofOtherBuilds are variables that only the commercial version has, or that are defined
// elsewhere in the sources.
var ofOtherBuilds = strings.Fields("args date_gmt date_local gzip_ratio invalid_referer quic_connection secure_link secure_link_expires slice_range " +
	"uid_got uid_reset uid_set upstream_cache_age upstream_last_server_name")
