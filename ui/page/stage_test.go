package page_test

import (
	"testing"

	"stickylab/cluster/clustertest"
	"stickylab/ui/page"
)

const proxyAddress = clustertest.Front

// stage is a cluster of two nodes with a page.
type stage struct{ *clustertest.Chat }

// start starts one whose upstream has these lines before its servers.
func start(t *testing.T, upstream string, adapter bool) *stage {
	t.Helper()
	return &stage{clustertest.Start(t, upstream, adapter, page.Handler("im-3030", "im-5080"))}
}
